"""French."""

WORDS: dict[str, str] = {
    "ean": """
        code barre, code barres, code à barres, codebarre, gencod, gencode, code ean, ean, gtin, gencod ean, code
        gencod, ean uvc, gtin uvc, ean unité, ean article, code barre ean
    """,
    "sku": """
        référence, réf, référence article, référence produit, réf article, réf produit, code article, code
        produit, référence interne, n article, numéro article, numéro de produit, code interne, référence
        fabricant interne, référence commande, code?, identifiant??, numéro??, code réf, référence catalogue,
        article?, identifiant unique?, id unique?, réference, sku produit, ugs, code ugs
    """,
    "supplier_sku": """
        référence fournisseur, réf fournisseur, code fournisseur, code article fournisseur, réf frs, ref four,
        référence article fournisseur
    """,
    "mpn": """
        référence fabricant, réf fabricant, référence constructeur, réf constructeur, référence marque, code
        fabricant, numéro de pièce, réf fab, modèle?, référence du fabricant
    """,
    "title": """
        titre, nom?, nom du produit, nom produit, nom article, libellé, libellé produit, libellé article,
        désignation, désignation article, désignation produit, intitulé, dénomination, libellé commercial,
        appellation, produit?, libellé court, libellé long?, nom commercial, dénomination de vente, titre produit,
        article?
    """,
    "description": """
        description, descriptif, description longue, description détaillée, texte long, descriptif long,
        argumentaire, descriptif produit, description produit, texte?, détail?, description complète, texte
        descriptif
    """,
    "short_description": """
        description courte, résumé, descriptif court, accroche, texte court, récapitulatif, description brève
    """,
    "brand_name": "marque, nom de marque, nom marque, marque commerciale, enseigne??",
    "manufacturer": "fabricant, producteur, constructeur, nom du fabricant, industriel, fabriqué par",
    "category": """
        catégorie, catégories, famille, sous famille, rayon, famille de produit, famille article, univers,
        gamme??, sous catégorie, type de produit?, type??, groupe??, groupe de produit, classe??, segment??,
        nomenclature??, collection??, chemin catégorie, catégorie produit, département??, thème??
    """,
    "price": """
        prix, prix de vente, prix public, prix unitaire, tarif, pvc?, ppc?, pvp, prix conseillé?, prix de vente
        conseillé?, prix catalogue, pu, prix public conseillé?, prix vente, prix client, pv, prix de base, tarif
        public, prix magasin, prix normal, prix final, tarif régulier, prix régulier, prix ttc, prix ht
    """,
    "cost_price": """
        prix d'achat, prix achat, pa, pa ht, coût, coût d'achat, prix de revient, prix de gros, prix grossiste,
        prix revendeur, prix fournisseur, tarif d'achat, prix d'achat net, tarif revendeur, coût unitaire, prix
        coûtant, prix professionnel, tarif professionnel, prix cession
    """,
    "sale_price": """
        prix promo, prix promotionnel, prix soldé, prix remisé, prix réduit, prix barré promo, tarif promo, prix
        spécial, prix promotion
    """,
    "currency": "devise, monnaie, code devise",
    "tax_rate": "tva, taux tva, taux de tva, taxe, taux de taxe, taux taxe, code tva?, taux??",
    "stock": """
        stock, quantité en stock, qté stock, stock disponible, quantité disponible, stock réel, quantité?, qté,
        qte, dispo?, en stock??, disponibilité??, niveau de stock, stock actuel, disponible??, quantité stock,
        stocks, inventaire
    """,
    "weight": "poids, poids net, poids brut, poids kg, poids unitaire, poids produit, masse?, poids colis",
    "weight_unit": "unité de poids, unité poids",
    "length": "longueur, profondeur, long?, prof?",
    "width": "largeur, larg?",
    "height": "hauteur, haut?",
    "dimension_unit": "unité de dimension, unité dimension, unité de longueur, unité dimensions",
    "image_url": """
        image, photo, url image, lien image, image principale, photo principale, visuel, url photo, lien photo,
        vignette?, url de l'image, adresse image, image produit, url visuel, url image principale
    """,
    "image_urls": """
        images, photos, visuels, images supplémentaires, urls images, autres images, galerie, images secondaires,
        images additionnelles, liens images, urls des images, galerie photos
    """,
    "url": """
        url, lien, lien produit, url produit, fiche produit, page produit, lien fiche, adresse web, url fiche, url
        de la page, lien web
    """,
    "color": "couleur, coloris, teinte, couleur principale, nom couleur",
    "size": "taille, pointure, taille vêtement",
    "material": "matière, matériau, matières, composition, tissu, matériaux, matière principale",
    "gender": "genre, sexe, cible?",
    "country_of_origin": """
        pays d'origine, origine, pays origine, pays de fabrication, fabriqué en, provenance, pays?, made in
    """,
    "condition": "état, état du produit, état produit, condition",
    "availability": "disponibilité, statut stock, état du stock, état stock, dispo??",
    "is_active": "actif, activé, en ligne, publié, visible?, en vente, statut??, affiché?",
    "unit": "unité, unité de vente, unité de mesure, uv, conditionnement??, unité de commande, unité vente, um",
    "product": """
        produit, produits, article, articles, déclinaison, fiche, principal, principale, vente, uvc, commercial,
        commerciale, web, site
    """,
    "glue": "de, du, des, d, la, le, les, l, en, et, au, à, aux, un, une, par, pour",
    "tax": """
        ht, ttc, hors, taxe, taxes, tva, net, brut, avec, sans, inclus, comprise, compris, htva, tvac, euro,
        euros, eur, incl, excl, unitaire
    """,
    "other": """
        livraison, port, frais, transport, date, min, minimum, mini, max, maximum, maxi, ancien, ancienne, barré,
        barre, avant, début, fin, délai, seuil, alerte, mot, mots, clé, clés, remise, pourcentage, écotaxe,
        ecopart, deee, d3e, eco, éco, consigne, taxe, colis, carton, palette, pcb, spcb, sous, fournisseur,
        emplacement, entrepôt, dépôt, garantie, saison, année, âge, statut, type, langue, parent, groupe, légende,
        alternatif, alternative, titre, position, vidéo, document, notice, fichier, logo, ingrédients, allergènes,
        valeurs, nutritionnelles, kilo, litre, mesure, lot, lots, commentaire, remarque, avis, note, modification,
        création, mise, jour, marge, commission, douanier, douane, nomenclature, attendu, commandé, réservé,
        physique, impact, caractéristique, caractéristiques, attribut, emballage, conditionnement, dimensions,
        magasin, boutique, clients, adresse, ville, region
    """,
}
