"""English, with the names that shops and exchange formats use everywhere."""

WORDS: dict[str, str] = {
    "ean": """
        ean, ean code, ean number, upc, upc code, gtin, gtin code, gtin number, barcode, bar code, barcode number,
        isbn, jan, ean gtin, ean upc, global trade item number, trade item gtin, international pid, international
        aid, barcodes?, ean barcode, unit barcode, retail barcode
    """,
    "sku": """
        sku, stock keeping unit, sku code, item number, item no, item code, item ref, article number, article no,
        article code, product number, product no, product code, product reference, order code, stock code, catalog
        number, catalogue number, internal reference, default code, seller sku, supplier pid, supplier aid,
        material number, matnr, merchant sku, plu, reference?, ref?, code?, number?, no?, nr?, id??, article?,
        key??, handle??, style number?, item id?, product id??, part no?, part number??, order number??, style
        code?, offer id?, model number??, material no, sellers material no, sellers item no, seller item number,
        article id?, prod code, prod id?, identifier?, unique id?, product identifier, item identifier
    """,
    "supplier_sku": """
        supplier sku, supplier code, supplier reference, supplier ref, supplier item number, supplier item no,
        supplier article number, supplier part number, supplier product code, supplier item code, vendor sku,
        vendor code, vendor item number, vendor part number, vendor reference, alternative code, alt code, second
        code, old code?
    """,
    "mpn": """
        mpn, manufacturer part number, manufacturer part no, manufacturer number, manufacturer code, manufacturer
        sku, manufacturer reference, manufacturer ref, manufacturer article number, manufacturer item number, mfr
        part number, mfr part no, mfg part number, mfr code, mfg code, oem number, oem code, oem part number,
        manufacturer pid, manufacturer aid, part number, part no, vpn, model number?, model no?, model code?,
        model?, brand part code
    """,
    "title": """
        title, product title, item title, product name, item name, item nm, prod name, display name, name?,
        product label, designation, article name, trade item description, functional name, full name?, short
        name?, heading??, item?, product?, label??, model name??, item description??, web name, page title??,
        article?
    """,
    "description": """
        description, long description, product description, item description, full description, detailed
        description, description long, desc, long desc, body html, body, long text, html description, web
        description, details?, detail?, text?, content??, overview??, product details, product info, product
        information, item details, marketing message, marketing description, long summary description, extended
        description, features??
    """,
    "short_description": """
        short description, description short, short desc, summary, short text, excerpt, brief description,
        subtitle?, teaser, short summary description, catalog description, product highlight??, intro?, tagline??
    """,
    "brand_name": """
        brand, brand name, product brand, brand title, trademark, trade mark, brand label, marque, make??,
        vendor?, label??, company??, house??
    """,
    "manufacturer": """
        manufacturer, manufacturer name, manufacture name, producer, maker, mfr, mfg, mfr name, mfg name, producer
        name, made by, manufacturer brand
    """,
    "category": """
        category, category name, category path, category text, category full path, category tree, product type?,
        product category, product group, commodity group, merchandise group, department?, family?, type??, group?,
        class??, classification, section??, range??, line??, collection??, taxonomy, subcategory, sub category,
        breadcrumb, cat?, sub cat, main category, primary category, item category, item group, item type?, article
        group, custom category, google product category, product family, product line, product range, stock group,
        categories names
    """,
    "price": """
        price, sales price, selling price, retail price, unit price, list price, regular price, base price,
        standard price, recommended retail price?, recommended price?, suggested retail price?, rrp?, msrp?, srp?,
        mrp?, price amount, amount price, consumer price, public price, sell price, item price, normal price,
        current price, final price, catalog price, price retail, end user price, price value, rate??, full price,
        shelf price, price list??, suggested price?, price each, consumer price incl vat
    """,
    "cost_price": """
        cost, cost price, wholesale price, wholesale, wholesale cost, purchase price, purchasing price, buying
        price, buy price, trade price, dealer price, unit cost, supplier price, vendor price, reseller price,
        distributor price, b2b price, your price, your cost, cost per item,
        cost of goods, cost of goods sold, item cost, price wholesale, invoice
        price, net cost, standard cost, partner price, customer price?, landed cost?, supply price, opt price,
        price opt, cost net, net cost price, trade?
    """,
    "sale_price": """
        sale price, special price, discount price, discounted price, promo price, promotional price, promotion
        price, offer price, reduced price, action price, clearance price, deal price, markdown price, price sale,
        price discount, price discounted, special offer price, price promo, price action, price special
    """,
    "currency": "currency, currency code, currency id, currency iso, price currency, curr, currency name, cur",
    "tax_rate": """
        vat, vat rate, tax rate, tax, vat percent, tax percent, vat percentage, tax percentage, vat value, gst,
        gst rate, sales tax, vat code?
    """,
    "stock": """
        stock, stock quantity, stock qty, stock level, stock count, stock amount, stock on hand, inventory,
        inventory quantity, inventory qty, inventory level, qty on hand, quantity on hand, on hand, available
        quantity, available qty, available stock, quantity available, qty available, units in stock, free stock,
        current stock, total stock, quantity in stock, qty in stock, soh, qty, quantity?, available?, in stock??,
        availability??, quantity stock, balance??, on stock, sell on quantity, count?
    """,
    "weight": """
        weight, net weight, gross weight, shipping weight, item weight, package weight, packaged weight, weight
        net, weight gross, grams, weight grams, weight kg, wt, unit weight, mass?
    """,
    "weight_unit": """
        weight unit, weight units, unit of weight, weight uom, weight unit of measure, weight unit code, net
        weight unit
    """,
    "length": "length, depth, package length, net length, net depth, len",
    "width": "width, breadth, package width, net width",
    "height": "height, package height, net height",
    "dimension_unit": """
        dimension unit, dimensions unit, dimension uom, unit of dimension, length unit, size unit, width unit,
        height unit, net length unit, measure unit??, unit of measurement??
    """,
    "image_url": """
        image, image url, image link, image src, image source, image path, image address, img, img url, img src,
        img link, picture, picture url, picture link, pic, photo, photo url, photo link, main image, main image
        url, main image link, primary image, primary image url, base image, cover image, default image, featured
        image, hero image, front image, large image, image large, big image, image big, image href, high res
        image, image file??, image name??, imageurl, mime source?, cover?, media url?, media?, thumbnail?,
        thumbnail url?, thumb?, variant image??, small image??
    """,
    "image_urls": """
        images, imgs, image urls, image links, additional images, additional image, additional image link, additional
        image links, additional image url, additional image urls, other images, gallery, gallery images, image
        gallery, media gallery, all images, pictures, photos, extra images, more images, alternate images,
        alternative images, image list, other image url, imgurl alternative, secondary images
    """,
    "url": """
        url, link, product url, product link, page url, product page, deep link, deeplink, web link, web url,
        permalink, canonical url, landing page, href, original link, original url, item url, product page url,
        shop url?, website?, site??, external url?, page link, source url?, page?
    """,
    "color": """
        color, colour, color name, colour name, primary color, main color, main colour, color description, shade?,
        color code??
    """,
    "size": "size, size name, clothing size, shoe size, apparel size, size value, size label, garment size, size eu",
    "material": """
        material, materials, fabric, fabric type, material composition, composition?, main material, material type
    """,
    "gender": "gender, target gender, sex, gender target, gender group",
    "country_of_origin": """
        country of origin, origin country, country origin, country of manufacture, manufacture country,
        manufacturing country, country of production, made in, coo, origin?, country?, origins?, producing
        country, origin country code, country of origin code, producer country
    """,
    "condition": "condition, item condition, product condition, condition type??, condition name",
    "availability": """
        availability, availability status, stock status, stock availability, availability text, stock state, in
        stock??, item availability, product availability, stock text, stock info
    """,
    "is_active": """
        active, is active, enabled, is enabled, published, is published, product online, is visible, visible?,
        online?, status??, sellable, is sellable, for sale?, saleable, visibility??, listed?, activated, is
        listed, product status??
    """,
    "unit": """
        uom, unit of measure, measure unit, unit measure, measurement unit, sales unit, selling unit, order unit,
        unit of sale, unit type, unit name, base unit, unit qty, unit code, unit?, units??, quantity unit, stock
        unit, unit quantity, unitofmeasure, unit of quantity, unit of measurement, price unit, content unit,
        pricing unit
    """,
    "product": """
        product, products, prod, item, items, article, articles, goods, variant, variation, good, commodity, main,
        default, value, trade, general, catalog, catalogue, basic, offer, all, text, exact, current, primary, full,
        complete, ecommerce
    """,
    "glue": "of, the, for, a, an, and, in, on, is, at",
    "tax": """
        net, gross, vat, tax, taxes, excl, incl, excluding, including, inc, exc, ex, without, with, untaxed,
        exclusive, inclusive, nett, gst, brutto, netto, rounded, each, per, piece, pc, unit, ea, final, my, store,
        shop, site, web, online, b2c
    """,
    "other": """
        delivery, shipping, freight, postage, date, time, timestamp, min, minimum, max, maximum, old, previous,
        was, before, compare, from, until, start, end, to, expiry, expires, alt, position, policy, tracker,
        service, meta, seo, keyword, keywords, tag, tags, threshold, alert, reorder, tier, bulk, impact, ecotax,
        deposit, surcharge, fee, fees, commission, margin, markup, label, labels, note, notes, comment, comments,
        status, type, taxable, lang, language, locale, bundle, crosssell, upsell, related, associated, parent,
        group, carton, case, outer, inner, pallet, packaging, pack, package, multipack, config, option, options,
        custom, rule, method, supplier, warehouse, shelf, location, bin, rating, ratings, review, reviews, count,
        total, sold, video, document, documents, pdf, datasheet, manual, certificate, logo, icon, swatch,
        attachment, attachments, file, user, created, updated, modified, update, changed, serving, nutrition,
        nutritional, nutrient, ingredient, ingredients, allergen, allergens, traces, measure, kilo, litre, liter,
        flag, allow, allowed, required, manage, backorder, backorders, history, hash, index, sort, sorting,
        increment, increments, step, reserved, incoming, expected, ordered, lead, days, age, year, season,
        warranty, competitor, map, saving, savings, percent, percentage, discount, points, reward, coupon, cpc,
        bid, hs, hsn, customs, tariff, intrastat, unspsc, eclass, etim, store, stores, seller, customer, contact,
        email, phone, address, city, region, template, layout, theme, design, script, feature, features, param,
        params, parameter, attribute, attributes, specification, specifications, spec, key, slug, depends,
        advanced, hide, display, quality, score, grade, loyalty, promotion, campaign, website, channel, domain,
        visibility, attr, property, properties, cross, sell, obsolete, replacement, successor, substitute,
        accessory, accessories, cart, nova, additive, additives, energy, fat, footprint, asin, gln, descriptor,
        forecasted
    """,
}
