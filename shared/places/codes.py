"""Codes of the Government Statistical Service: what replaced old ones, and which Scottish areas lie in which."""

REPLACED = {
    # Councils: Fife, and Perth and Kinross, 2018; Glasgow City and North Lanarkshire, twice; East Dunbartonshire.
    "S12000015": "S12000047",
    "S12000024": "S12000048",
    "S12000043": "S12000049",
    "S12000046": "S12000049",
    "S12000025": "S12000050",
    "S12000044": "S12000050",
    "S12000009": "S12000045",
    # Health boards, all of them in 2014, when Rutherglen and Cambuslang went from Glasgow's (07) to Lanarkshire's (09).
    "S08000001": "S08000015",
    "S08000002": "S08000016",
    "S08000003": "S08000017",
    "S08000004": "S08000029",
    "S08000005": "S08000019",
    "S08000006": "S08000020",
    "S08000007": "S08000031",
    "S08000008": "S08000022",
    "S08000009": "S08000032",
    "S08000010": "S08000024",
    "S08000011": "S08000025",
    "S08000012": "S08000026",
    "S08000013": "S08000030",
    "S08000014": "S08000028",
    # Fife and Tayside again in 2018, Greater Glasgow and Clyde and Lanarkshire in 2019.
    "S08000018": "S08000029",
    "S08000027": "S08000030",
    "S08000021": "S08000031",
    "S08000023": "S08000032",
    # Integration authorities: Fife, and Perth and Kinross, 2018; Glasgow City and North Lanarkshire, 2019.
    "S37000014": "S37000032",
    "S37000023": "S37000033",
    "S37000015": "S37000034",
    "S37000021": "S37000035",
}
"""Codes that were replaced, and what by; feeds keep the old ones for years.

Source: the Standard Geography Code Register (Scottish Government), as Public Health Scotland's own scripts apply it.
Where a boundary changed too, a few streets moved (in 2019 eight postcodes), so the old code is read as the new.
"""

_BOARDS = {
    "S08000015": ("S12000008/S37000008", "S12000021/S37000020", "S12000028/S37000027"),
    "S08000016": ("S12000026/S37000025",),
    "S08000017": ("S12000006/S37000006",),
    "S08000019": ("S12000005/S37000005", "S12000014/S37000013", "S12000030/S37000005"),
    "S08000020": ("S12000020/S37000019", "S12000033/S37000001", "S12000034/S37000002"),
    "S08000022": ("S12000017/S37000016", "S12000035/S37000004"),
    "S08000024": ("S12000010/S37000010", "S12000019/S37000018", "S12000036/S37000012", "S12000040/S37000030"),
    "S08000025": ("S12000023/S37000022",),
    "S08000026": ("S12000027/S37000026",),
    "S08000028": ("S12000013/S37000031",),
    "S08000029": ("S12000047/S37000032",),
    "S08000030": ("S12000041/S37000003", "S12000042/S37000007", "S12000048/S37000033"),
    "S08000031": (
        "S12000011/S37000011",
        "S12000018/S37000017",
        "S12000038/S37000024",
        "S12000039/S37000029",
        "S12000045/S37000009",
        "S12000049/S37000034",
    ),
    "S08000032": ("S12000029/S37000028", "S12000050/S37000035"),
}
"""Scotland's health boards, each with its councils and their integration authorities; none crosses another's edge.

Source: Scottish Postcode Directory, January 2020 (National Records of Scotland, Open Government Licence v3.0).
"""

_PAIRS = [(*pair.split("/"), board) for board, pairs in _BOARDS.items() for pair in pairs]
_AUTHORITY = {council: authority for council, authority, _board in _PAIRS}
_BOARD = {code: board for council, authority, board in _PAIRS for code in (council, authority)}


def present_code(code: str) -> str:
    """Return the code that stands for an area today; one that was never replaced is its own."""
    return REPLACED.get(code, code)


def board_of(code: str | None) -> str | None:
    """Return the health board that a Scottish council or integration authority lies in."""
    return _BOARD.get(code or "")


def integration_authority_of(council: str | None) -> str | None:
    """Return the integration authority of a Scottish council."""
    return _AUTHORITY.get(council or "")


def nation_of_code(code: str | None) -> str | None:
    """Return E, N, S or W for a code of an area inside one nation; codes that begin with K span several."""
    return code[0] if code and code[0] in "ENSW" else None
