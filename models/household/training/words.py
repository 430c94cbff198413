"""What is in the dictionary besides the nouns, parts, colours and materials that the data names themselves."""

PAD, UNK = 0, 1
ARTICLES = ("a", "an", "the")
# Ids below this are ignored by the text tower.
FIRST_CONTENT = 2 + len(ARTICLES)

# True of everything a little; the text tower learns them as the level between right and wrong.
OBJECT_WORDS = ("object", "objects", "thing", "things", "item", "something", "anything")
STUFF_WORDS = ("stuff", "texture", "textures", "background", "surface")
CANONICAL = ("object", "things", "stuff", "texture")

FILLERS = ("photo", "picture", "image", "close", "up", "view", "of", "part", "small", "big", "little", "large", "and",
           "in", "on", "with", "one", "this", "made")

COLOUR_SYNONYMS = {
    "red": ["reddish", "crimson", "scarlet", "ruby"],
    "orange": ["tangerine", "apricot"],
    "yellow": ["yellowish", "golden", "lemon"],
    "green": ["greenish", "lime", "emerald", "olive"],
    "turquoise": ["cyan", "teal", "aqua"],
    "blue": ["bluish", "navy", "azure", "cobalt"],
    "purple": ["violet", "lilac", "lavender", "mauve"],
    "magenta": ["fuchsia"],
    "pink": ["pinkish", "rosy", "salmon"],
    "brown": ["brownish", "chocolate", "chestnut"],
    "beige": ["cream", "tan"],
    "black": ["ebony"],
    "grey": ["gray", "greyish", "grayish"],
    "gray": ["grey", "greyish", "grayish"],
    "white": ["whitish", "snowy"],
}

MATERIAL_SYNONYMS = {
    "ceramic": ["porcelain", "pottery", "earthenware"],
    "wood": ["wooden", "timber"],
    "wooden": ["wood", "timber"],
    "metal": ["steel", "metallic", "iron", "aluminium", "chrome"],
    "steel": ["metal", "metallic"],
    "glass": ["glassy"],
    "plastic": ["vinyl"],
    "fabric": ["cloth", "textile", "cotton", "woven"],
    "cloth": ["fabric", "textile", "cotton", "woven"],
    "paper": ["cardboard"],
    "stone": ["marble", "granite"],
    "rubber": ["rubbery"],
    "leather": ["leathery"],
    "wax": ["waxen"],
    "wicker": ["rattan"],
    "fur": ["furry", "fluffy"],
    "plush": ["furry", "fluffy"],
}


def synonyms_of(word, table, taken):
    """Synonyms that no other name of the same list claims."""
    return [s for s in table.get(word, []) if s not in taken]

# Nouns whose colour says what they are: an orange that is painted blue is none.
NATURALLY_COLOURED = {
    "apple", "banana", "bread", "cake", "carrot", "cookie", "donut", "egg", "lemon", "muffin", "noodles", "orange",
    "plant", "seaweed", "soup", "tomato",
}
