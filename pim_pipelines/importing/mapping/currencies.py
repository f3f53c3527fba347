"""How prices name their currency: signs, ISO 4217 codes, and the words of everyday lists."""

SIGNS = "$€£¥¢₹₽₺₴₪₩₫₱₦₡₵₸₼₾₲₮₭৳฿₨﷼¤"

CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RMB RON RSD RUB RUR RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VEF VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ZWL"
)
"""ISO 4217, with a few withdrawn ones that old lists still have, and RMB."""

WORDS = (
    r"zł|zl|kč|kc|kr|lv|лв|грн|руб|р|ден|дин|din|ft|lei|leu|rs|tl|fr|sfr|km|br|тг|сум|so['’]m|euros?|dollars?|ευρώ|dhs?"
    r"|r\$|us\$|a\$|c\$|ca\$|au\$|nz\$|hk\$|nt\$|s\$|mex\$|دج|د\.إ|ر\.س"
)

PATTERN = rf"(?i:(?:{'|'.join(CODES.split())}|{WORDS})\.?)"
"""A code or a word, in any case, as a part of a regular expression."""
