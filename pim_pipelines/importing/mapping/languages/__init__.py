"""The words suppliers head their columns with, a module a language (`WORDS`); `synonyms` gathers them.

A phrase that ends in `?` is general (`name?`, `code?`): it counts only beside words for the product itself.
One that ends in `??` is weaker still. Accents, case, blanks and plurals in -s do not matter.
Besides the fields there are word classes:

`product`  words for the product, that say nothing more (`item`)
`glue`     articles and prepositions, left out on both sides
`tax`      what is said of prices (`net`, `incl vat`)
`other`    words that make a column be about something else (`shipping price`, `image label`)
"""
