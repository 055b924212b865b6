"""What the painter understands of a prompt, in Russian and English: by the beginnings of words."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SCENES = {
    "mountains": "гор горы горах горн вершин скал альп хребт холм долин утёс утес вулкан mountain peak hill alp cliff "
    "valley ridge volcano highland",
    "sea": "море моря морск океан волн берег пляж побереж залив остров прибой озер озёр рек пруд вод sea ocean wave "
    "beach coast shore island bay lake river water surf lagoon",
    "forest": "лес рощ тайг дерев дуб сосн ель ёлк елк берёз берез джунгл чащ forest wood tree pine jungle grove "
    "oak birch",
    "city": "город городск улиц небоскр мегапол столиц мост крыш киберпанк москв петербург токио неон city street "
    "skyscraper town skyline metropolis urban cyberpunk tokyo york london paris bridge neon",
    "space": "космос космич галакт планет вселен туманност комет астро орбит space galaxy planet universe nebula comet "
    "astro orbit cosmos cosmic star звёзд звезд",
    "botanical": "цветок цветы цветов цветущ роз ромашк тюльпан пион лилия букет сад ботан лист листь папорот растен "
    "трав flower rose tulip peony lily bouquet garden botan leaf leaves fern plant bloom blossom daisy poppy мак маки",
    "desert": "пустын песок песк дюн бархан сахар desert sand dune sahara canyon каньон",
    "field": "поле поля луг степ пшениц лаванд подсолн field meadow steppe wheat lavender prairie sunflower grass",
    "geometric": "геометр плакат постер узор паттерн орнамент минимал логотип баухаус супремат кубизм квадрат круг "
    "геометрич geometr poster pattern ornament minimal logo bauhaus cubis square circle shapes",
    "flow": "абстракт поток музык мысл чувств мечт дым шёлк шелк вихр течени энерг abstract flow music thought feeling "
    "dream smoke silk swirl stream energy emotion",
}
_LIGHTS = {
    "night": "ноч ночн полноч лун лунн night midnight moon moonlit dark тёмн темн звёзд звезд star",
    "sunset": "закат сумер вечер заход sunset dusk evening twilight",
    "dawn": "рассвет утр утрен заря зар восход dawn sunrise morning",
    "day": "день дня дневн полдень солнеч солнц лето летн day noon sunny sun summer",
    "winter": "зим зимн снег снеж лед лёд ледян мороз холод вьюг метел рождеств winter snow ice icy frost cold "
    "christmas arctic",
    "autumn": "осен осенн листопад рыж октябр autumn fall october",
    "spring": "весн весен сакур вишн spring sakura cherry апрел april",
    "fire": "огон огн огнен плам костёр костер лав горяч жар пожар дракон fire flame lava hot burn dragon ember",
    "storm": "гроз бур шторм дожд ливен туч молни storm rain thunder lightning cloudy gloomy мрачн",
    "mist": "туман дымк мгл mist fog haze foggy misty",
    "neon": "неон киберпанк ретровейв синтвейв neon cyberpunk synthwave retrowave vaporwave",
    "gold": "золот роскош янтар gold golden amber luxury honey мёд мед",
    "pastel": "нежн пастел мягк зефир pastel gentle soft tender cute мил детск",
}
_COLOURS = {
    "red": "красн алы алая алое багров рубин red crimson scarlet ruby",
    "orange": "оранж апельсин orange tangerine",
    "yellow": "жёлт желт лимон yellow lemon",
    "green": "зелен зелён изумруд green emerald lime мятн mint",
    "teal": "бирюз лазур teal turquoise cyan aqua",
    "blue": "син голуб blue azure navy indigo",
    "purple": "фиолет пурпур сирен лилов purple violet lilac magenta",
    "pink": "розов pink rosy фукси fuchsia",
}
_SUBJECTS = {
    "cat": "кот кота коты кошк котён котен cat kitten kitty",
    "fox": "лис лиса лисы лису лисёнок лисиц fox",
    "deer": "олен deer elk stag лось",
    "birds": "птиц чайк журавл стая лебед bird gull crane swan eagle орёл орел",
    "boat": "корабл лодк парус яхт ship boat sail yacht",
    "balloon": "воздушн шар шары аэростат balloon",
    "cabin": "дом домик изб хижин cabin house cottage hut home",
    "lighthouse": "маяк lighthouse beacon",
    "castle": "замок замк крепост дворец castle fortress palace",
    "rocket": "ракет rocket spaceship звездолёт звездолет",
    "whale": "кит киты кита whale",
    "walker": "человек люди путник мужчин женщин девушк девочк мальчик герой person man woman girl boy hero traveler "
    "traveller people walker космонавт astronaut",
    "aurora": "сияни полярн северн aurora polar northern",
    "snowfall": "снегопад метел вьюг snowfall blizzard",
    "rain": "дожд ливен rain rainy",
    "fireflies": "светлячк волшеб маги сказ фея firefly fireflies magic fairy enchanted",
}
_STYLES = {
    "pencil": "карандаш эскиз набросок pencil sketch",
    "watercolour": "акварел watercolor watercolour",
    "poster": "плакат постер poster flat",
    "retro": "ретро винтаж плёнк пленк retro vintage film",
}


def _stems(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for value, stems in table.items():
        for stem in stems.split():
            found[stem] = (*found.get(stem, ()), value)
    return found


_TABLES = {
    "scenes": _stems(_SCENES),
    "lights": _stems(_LIGHTS),
    "colours": _stems(_COLOURS),
    "subjects": _stems(_SUBJECTS),
    "styles": _stems(_STYLES),
}
_LONGEST = max(len(stem) for table in _TABLES.values() for stem in table)
# A stem this short must be the whole word: `мак` is a poppy, but `максимум` is not.
_WHOLE_WORD = 3
_EXACT = frozenset(
    {"мак", "маки", "шар", "кит", "кот", "лис", "roz", "man", "sun", "cat", "fox", "red", "sea", "ice", "hot"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood, each in the order of the words. `hash` differs for every text."""

    scenes: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    hash: int = 0
    words: tuple[str, ...] = field(default=())


def read(prompt: str, style: str = "") -> Reading:
    """Understand a prompt. Words that are not known still count in the hash."""
    words = tuple(re.findall(r"[a-zа-яё]+", f"{prompt} {style}".lower()))
    found: dict[str, dict[str, None]] = {name: {} for name in _TABLES}
    for word in words:
        longest: dict[str, str] = {}
        for name, table in _TABLES.items():
            if stem := _longest_stem(word, table):
                longest[name] = stem
        best = max((len(stem) for stem in longest.values()), default=0)
        for name, stem in longest.items():
            if len(stem) >= best - 1:
                found[name].update(dict.fromkeys(_TABLES[name][stem]))
    digest = hashlib.sha256(f"{prompt}\n{style}".strip().lower().encode()).digest()
    return Reading(
        **{name: tuple(values) for name, values in found.items()},
        hash=int.from_bytes(digest[:8], "big"),
        words=words,
    )


def _longest_stem(word: str, table: Mapping[str, tuple[str, ...]]) -> str:
    for length in range(min(len(word), _LONGEST), 1, -1):
        stem = word[:length]
        if (
            stem in table
            and (length > _WHOLE_WORD or len(word) <= length + 2)
            and (stem not in _EXACT or word == stem or word == f"{stem}s")
        ):
            return stem
    return ""
