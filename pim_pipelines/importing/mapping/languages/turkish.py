"""Turkish."""

WORDS: dict[str, str] = {
    "ean": "barkod, barkod no, ean, barkod numarası, gtin, ürün barkodu, barkodu",
    "sku": """
        ürün kodu, stok kodu, kod?, model kodu?, sku, ürün no, malzeme kodu, ürün numarası, ürün id?, referans?,
        tedarik kodu?, stok no
    """,
    "supplier_sku": "tedarikçi kodu, tedarikçi ürün kodu, tedarikçi stok kodu",
    "mpn": "üretici kodu, üretici parça no, model?, parça numarası, üretici ürün kodu",
    "title": """
        ürün adı, ad?, adı?, isim?, ürün ismi, başlık, ürün?, ürün başlığı, stok adı, malzeme adı, ürün tanımı?
    """,
    "description": "açıklama, ürün açıklaması, detaylı açıklama, uzun açıklama, detay?, tanım??, ürün detayı",
    "short_description": "kısa açıklama, özet, ön bilgi",
    "brand_name": "marka, marka adı",
    "manufacturer": "üretici, üretici firma, imalatçı, üretici adı",
    "category": """
        kategori, kategoriler, ana kategori, alt kategori, grup?, ürün grubu, ürün tipi, tür?, kategori adı,
        kategori yolu, reyon, cins??
    """,
    "price": """
        fiyat, satış fiyatı, fiyatı, birim fiyat, liste fiyatı, perakende fiyatı, psf?, piyasa satış fiyatı?,
        tavsiye edilen fiyat?, kdv dahil fiyat, satış fiyat
    """,
    "cost_price": "alış fiyatı, maliyet, toptan fiyat, bayi fiyatı, alış?, toptan fiyatı, maliyet fiyatı",
    "sale_price": "indirimli fiyat, kampanya fiyatı, kampanyalı fiyat, indirimli satış fiyatı",
    "currency": "para birimi, döviz, döviz cinsi, kur?, parabirimi",
    "tax_rate": "kdv, kdv oranı, vergi?, kdv yüzdesi, vergi oranı",
    "stock": "stok, stok adedi, miktar?, adet?, stok miktarı, mevcut?, stok durumu??, bakiye?, mevcut stok",
    "weight": "ağırlık, net ağırlık, brüt ağırlık, desi??, kilo?, ağırlığı",
    "weight_unit": "ağırlık birimi",
    "length": "uzunluk, derinlik, boy?",
    "width": "genişlik",
    "height": "yükseklik",
    "dimension_unit": "ölçü birimi??, uzunluk birimi",
    "image_url": """
        resim, görsel, resim url, fotoğraf, ana resim, resim linki, ürün resmi, ürün görseli, görsel linki, resim
        1
    """,
    "image_urls": "resimler, görseller, fotoğraflar, ek resimler, ürün görselleri",
    "url": "url, bağlantı, link, ürün linki, ürün url, ürün bağlantısı",
    "color": "renk, ürün rengi",
    "size": "beden, boyut?, numara?, ölçü?",
    "material": "malzeme, materyal, kumaş",
    "gender": "cinsiyet",
    "country_of_origin": "menşei, menşe, menşe ülke, üretim yeri, ülke?, menşe ülkesi",
    "condition": "durum??, ürün durumu",
    "availability": "stok durumu, bulunabilirlik",
    "is_active": "aktif, yayında, satışta, durum??",
    "unit": "birim, ölçü birimi, satış birimi, birimi",
    "product": "ürün, ürünün, ürünler, malzeme, varyant, ana, stok, mal",
    "glue": "ve, ile",
    "tax": "kdv, dahil, hariç, tl, try, net, brüt, birim, siz, li",
    "other": """
        kargo, teslimat, tarih, tarihi, minimum, min, eski, önceki, indirim, yüzde, tedarikçi, koli, palet, paket,
        etiket, etiketler, anahtar, kelimeler, tip, dil, video, dosya, içindekiler, not, garanti, sezon, yıl, yaş,
        özellik, özellikler, oranı, depo, raf, süresi, desi
    """,
}
