"""Indonesian, Malay and Vietnamese."""

WORDS: dict[str, str] = {
    "ean": "barcode, kode batang, mã vạch",
    "sku": """
        kode barang, kode produk, kode?, kod produk, kod barang, mã hàng, mã sản phẩm, mã sku, mã?, nomor barang
    """,
    "supplier_sku": "kode supplier, kode pemasok, mã nhà cung cấp",
    "mpn": "kode pabrik, mã nhà sản xuất",
    "title": """
        nama barang, nama produk, nama?, nama item, judul, tên hàng, tên sản phẩm, tên?, tên hàng hóa, tiêu đề,
        nama
    """,
    "description": "deskripsi, keterangan?, deskripsi produk, penerangan, mô tả, mô tả sản phẩm, mô tả chi tiết",
    "short_description": "deskripsi singkat, mô tả ngắn",
    "brand_name": "merek, merk, jenama, thương hiệu, nhãn hiệu",
    "manufacturer": "produsen, pabrikan, pengeluar, nhà sản xuất, hãng sản xuất",
    "category": "kategori, kategori produk, kelompok?, jenis?, danh mục, nhóm hàng, loại hàng, loại?, nhóm?",
    "price": "harga, harga jual, jual?, harga satuan, giá, giá bán, giá bán lẻ, đơn giá, harga eceran, giá niêm yết",
    "cost_price": """
        harga beli, modal?, harga modal, harga pokok, hpp, harga grosir, giá nhập, giá vốn, giá sỉ, giá mua, harga
        kos
    """,
    "sale_price": "harga promo, harga diskon, giá khuyến mãi, giá giảm",
    "currency": "mata uang, tiền tệ",
    "tax_rate": "pajak?, ppn, thuế suất, thuế vat, thuế?",
    "stock": "stok, jumlah stok, jumlah?, persediaan, kuantiti?, tồn kho, số lượng?, số lượng tồn, stok tersedia",
    "weight": "berat, berat bersih, khối lượng, trọng lượng, cân nặng",
    "length": "panjang, chiều dài",
    "width": "lebar, chiều rộng",
    "height": "tinggi, chiều cao",
    "image_url": "gambar, foto, foto produk, gambar produk, hình ảnh, ảnh, ảnh sản phẩm, link ảnh, gambar utama",
    "image_urls": "gambar tambahan, hình ảnh khác, ảnh phụ",
    "url": "tautan, link produk, liên kết, đường dẫn",
    "color": "warna, màu, màu sắc",
    "size": "ukuran, saiz, kích thước?, kích cỡ, size",
    "material": "bahan, chất liệu",
    "gender": "jenis kelamin, giới tính",
    "country_of_origin": "negara asal, asal?, xuất xứ, nước sản xuất",
    "condition": "kondisi, tình trạng?",
    "unit": "satuan, unit?, đơn vị tính, đvt, đơn vị?",
    "product": "barang, produk, item, sản phẩm, hàng, hàng hóa",
    "other": """
        ongkir, tanggal, minimum, pemasok, supplier, kemasan, ngày, vận chuyển, nhà cung cấp, ghi chú, catatan
    """,
}
