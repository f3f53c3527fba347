"""Spanish."""

WORDS: dict[str, str] = {
    "ean": "código de barras, codigo barras, cod barras, código ean, ean, gtin, código barra",
    "sku": """
        código, cod?, referencia, ref?, código de artículo, código artículo, código de producto, código producto,
        código interno, número de artículo, clave, clave producto, código sku, referencia interna, id producto?,
        identificador??, número??, artículo?
    """,
    "supplier_sku": """
        referencia proveedor, código proveedor, ref proveedor, código del proveedor, referencia del proveedor
    """,
    "mpn": """
        referencia fabricante, código fabricante, número de parte, número de pieza, ref fabricante, modelo?,
        código del fabricante
    """,
    "title": """
        título, nombre?, nombre del producto, nombre producto, denominación, nombre artículo, producto?, nombre
        comercial, descripción corta??, descripción artículo??, designación, artículo?
    """,
    "description": """
        descripción, descripción larga, descripción del producto, descripción detallada, descripción completa,
        detalle?, texto?, descripción web, desc
    """,
    "short_description": "descripción corta, descripción breve, resumen, descripción resumida",
    "brand_name": "marca, nombre de marca, marca comercial, marca producto",
    "manufacturer": "fabricante, productor, nombre fabricante, laboratorio?",
    "category": """
        categoría, categorías, familia, subfamilia, subcategoría, rubro, línea??, tipo??, tipo de producto?,
        grupo??, departamento?, sección??, clase??, colección??, categoría del producto, sub familia, sub
        categoría, sector??
    """,
    "price": """
        precio, precio de venta, precio venta, pvp, precio público, precio unitario, precio lista, precio de
        lista, tarifa, precio final, precio venta público, precio base, precio normal, precio regular, precio
        detal, precio al detal, precio recomendado?, importe??
    """,
    "cost_price": """
        costo, coste, precio de costo, precio costo, precio de coste, precio coste, precio de compra, precio
        compra, precio mayorista, precio al mayor, precio mayor, precio por mayor, precio distribuidor, costo
        unitario, precio proveedor
    """,
    "sale_price": """
        precio oferta, precio de oferta, precio rebajado, precio promoción, precio promocional, precio especial,
        precio con descuento
    """,
    "currency": "moneda, divisa, código moneda",
    "tax_rate": "iva, tipo iva, tipo de iva, impuesto, tasa iva, porcentaje iva, tasa de impuesto, alícuota",
    "stock": """
        existencia, existencias, stock, inventario, cantidad?, cantidad disponible, disponible?, stock disponible,
        cantidad en stock, unidades?, disponibilidad??, stock actual, cantidad stock
    """,
    "weight": "peso, peso neto, peso bruto, peso kg",
    "weight_unit": "unidad de peso, unidad peso",
    "length": "longitud, largo, profundidad, fondo?",
    "width": "ancho, anchura",
    "height": "alto, altura",
    "dimension_unit": "unidad de dimensión, unidad dimensiones, unidad de longitud",
    "image_url": """
        imagen, foto, url imagen, imagen principal, url de la imagen, enlace imagen, fotografía, foto principal,
        imagen url, url foto
    """,
    "image_urls": "imágenes, fotos, imágenes adicionales, galería, urls imágenes, otras imágenes",
    "url": "url, enlace, enlace producto, link, url producto, página web?, enlace del producto, ficha producto",
    "color": "color, colores, nombre color",
    "size": "talla, tamaño, número calzado, talle",
    "material": "material, materiales, composición, tejido",
    "gender": "género, sexo",
    "country_of_origin": """
        país de origen, origen, país origen, procedencia, país de fabricación, fabricado en, país?
    """,
    "condition": "condición, estado del producto, condiciones??",
    "availability": "disponibilidad, estado stock, estado de stock",
    "is_active": "activo, habilitado, publicado, visible?, estado??, en venta, vigente",
    "unit": "unidad, unidad de medida, unidad medida, unidad de venta, um, u m, presentación??, udm",
    "product": "producto, productos, artículo, artículos, item, variante, principal, mercancía, web, tienda",
    "glue": "de, del, la, el, los, las, en, y, al, por, para, con, a",
    "tax": """
        iva, sin, con, impuesto, impuestos, neto, bruto, incl, incluido, incluidos, imp, inc, eur, usd, bs,
        unidad, ud
    """,
    "other": """
        envío, entrega, flete, fecha, mínimo, mínima, máximo, máxima, anterior, antes, antiguo, inicio, fin,
        descuento, porcentaje, proveedor, almacén, ubicación, caja, palet, paquete, bulto, embalaje, etiqueta,
        etiquetas, palabras, clave, estado, tipo, idioma, padre, grupo, título, posición, video, documento,
        archivo, logo, ingredientes, alérgenos, kilo, litro, medida, nota, notas, observaciones, comentario,
        garantía, temporada, año, edad, arancel, arancelario, reservado, pedido, margen, comisión, característica,
        características, atributo, servicio, lote, manejo, exento, excento, inventario, alerta, serie, creación,
        actualización, modificación, tienda
    """,
}
