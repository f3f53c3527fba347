"""Portuguese, of Portugal and Brazil."""

WORDS: dict[str, str] = {
    "ean": "código de barras, codigo barras, código ean, ean, gtin, cod barras, gtin ean",
    "sku": """
        código, cod?, referência, ref?, código do produto, código produto, código do artigo, código interno,
        artigo?, número??, código sku, código artigo, identificador??, id produto?
    """,
    "supplier_sku": "referência fornecedor, código fornecedor, código do fornecedor, referência do fornecedor",
    "mpn": """
        referência fabricante, código fabricante, código do fabricante, part number, modelo?, referência do
        fabricante
    """,
    "title": """
        título, nome?, nome do produto, nome produto, designação, denominação, produto?, título do produto, nome
        do artigo, descrição do artigo??
    """,
    "description": """
        descrição, descrição longa, descrição completa, descrição do produto, descrição detalhada, texto?,
        detalhes?
    """,
    "short_description": "descrição curta, descrição breve, resumo, descrição resumida",
    "brand_name": "marca, nome da marca, nome marca",
    "manufacturer": "fabricante, produtor",
    "category": """
        categoria, categorias, família, subcategoria, departamento?, secção??, seção??, tipo??, tipo de produto?,
        grupo??, linha??, subfamília, classe??
    """,
    "price": """
        preço, preço de venda, preço venda, pvp, preço público, preço unitário, preço tabela, preço final, preço
        de tabela, preço normal, valor??, valor unitário, preço recomendado?
    """,
    "cost_price": """
        custo, preço de custo, preço custo, preço de compra, preço compra, preço atacado, preço revenda, preço por
        grosso, custo unitário
    """,
    "sale_price": """
        preço promocional, preço promoção, preço com desconto, preço especial, preço de oferta, preço oferta
    """,
    "currency": "moeda, divisa, código moeda",
    "tax_rate": "iva, taxa iva, taxa de iva, imposto, icms, alíquota",
    "stock": """
        estoque, stock, quantidade?, quantidade disponível, qtd, qtde, quantidade em stock, quantidade em estoque,
        disponível??, disponibilidade??, saldo?, existências
    """,
    "weight": "peso, peso líquido, peso bruto, peso kg",
    "weight_unit": "unidade de peso, unidade peso",
    "length": "comprimento, profundidade",
    "width": "largura",
    "height": "altura",
    "dimension_unit": "unidade de dimensão, unidade de comprimento",
    "image_url": "imagem, foto, url imagem, imagem principal, link imagem, url da imagem, fotografia",
    "image_urls": "imagens, fotos, imagens adicionais, galeria, outras imagens",
    "url": "url, ligação, link, link do produto, url do produto, página do produto, link produto",
    "color": "cor, cores",
    "size": "tamanho",
    "material": "material, materiais, composição?, tecido",
    "gender": "género, gênero, sexo",
    "country_of_origin": "país de origem, origem, país origem, proveniência, país?, fabricado em, país de fabrico",
    "condition": "condição, estado do produto",
    "availability": "disponibilidade, estado do stock",
    "is_active": "ativo, activo, publicado, visível?, habilitado, estado??, à venda",
    "unit": "unidade, unidade de medida, un, unidade medida, unidade de venda, embalagem??",
    "product": "produto, produtos, artigo, artigos, item, variante, principal, mercadoria, loja",
    "glue": "de, do, da, dos, das, o, a, os, as, em, e, ao, por, para, com",
    "tax": "iva, sem, com, imposto, líquido, bruto, incl, incluído, eur, brl, unitário",
    "other": """
        envio, entrega, frete, data, mínimo, mínima, máximo, anterior, antigo, início, fim, desconto, percentagem,
        fornecedor, armazém, localização, caixa, palete, embalagem, etiqueta, etiquetas, palavras, chave, estado,
        tipo, idioma, pai, grupo, posição, vídeo, documento, ficheiro, arquivo, logo, ingredientes, alergénios,
        quilo, litro, medida, nota, notas, observações, garantia, ano, idade, ncm, reservado, margem,
        característica, características, atributo, lote, validade
    """,
}
