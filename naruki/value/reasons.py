"""Why a customer is expected to stay or leave: the largest parts of its log-odds, as sentences in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError

COLUMNS = ("feature", "label_en", "label_ja", "transform", "value_format", "up_en", "down_en", "up_ja", "down_ja")
TRANSFORMS = {
    "identity": (lambda raw: raw, lambda x: x),
    "log1p": (lambda raw: np.log1p(np.maximum(raw, 0.0)), np.expm1),
    "signed_log1p": (lambda raw: np.sign(raw) * np.log1p(np.abs(raw)), lambda x: np.sign(x) * np.expm1(np.abs(x))),
}
FORMATS = {
    "percent": (100.0, "{:.0f}%"),
    "integer": (1.0, "{:,.0f}"),
    "decimal": (1.0, "{:,.1f}"),
    "money": (1.0, "{:,.0f}"),
}


@dataclass(frozen=True)
class Feature:
    """One row of the feature catalogue: what a column means and how to speak of it.

    `up_*` is said when the value makes staying likelier than for the average customer, `down_*` when less likely;
    both may use {label}, {value} (the customer's) and {typical} (the median of all).
    """

    feature: str
    label_en: str
    label_ja: str
    transform: str
    value_format: str
    up_en: str
    down_en: str
    up_ja: str
    down_ja: str


@dataclass(frozen=True)
class Reasons:
    """Reasons of n customers, strongest first.

    `code` (n, r) points into the sentences, -1 = no further reason; `feature` (n, r) is the feature's position.
    """

    code: NDArray[np.int32]
    feature: NDArray[np.int32]
    sentences_en: tuple[str, ...]
    sentences_ja: tuple[str, ...]

    def column(self, rank: int, language: str) -> Any:
        """The sentences of one rank (0 = strongest) in `en` or `ja`, as a pyarrow string array with nulls."""
        import pyarrow as pa

        texts = {"en": self.sentences_en, "ja": self.sentences_ja}[language]
        codes = pa.array(self.code[:, rank], mask=self.code[:, rank] < 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(texts, pa.string())).dictionary_decode()


def read_catalogue(rows: Iterable[Mapping[str, str]]) -> tuple[Feature, ...]:
    """The catalogue from the rows of `cfg_value_feature`.

    Raises NarukiError for a missing column, an unknown transform or format, or a template that cannot be filled.
    """
    features = []
    for number, row in enumerate(rows, start=2):
        where = f"seeds/cfg_value_feature.csv, line {number}"
        absent = [name for name in COLUMNS if not row.get(name)]
        if absent:
            raise NarukiError(f"{where}: {', '.join(absent)} is empty: fill it in, or take the feature out.")
        feature = Feature(**{name: row[name] for name in COLUMNS})
        if feature.transform not in TRANSFORMS or feature.value_format not in FORMATS:
            raise NarukiError(
                f"{where}: transform must be one of {', '.join(TRANSFORMS)}, value_format one of {', '.join(FORMATS)}."
            )
        for name in COLUMNS[5:]:
            try:
                row[name].format(label="", value="", typical="")
            except (KeyError, IndexError, ValueError) as error:
                raise NarukiError(
                    f"{where}: {name} may use only {{label}}, {{value}} and {{typical}} ({error})."
                ) from error
        features.append(feature)
    if len({feature.feature for feature in features}) != len(features):
        raise NarukiError("seeds/cfg_value_feature.csv names a feature twice: keep one row each.")
    return tuple(features)


def transform_features(table: Any, catalogue: tuple[Feature, ...]) -> NDArray[np.float32]:
    """(n, p) model columns, NaN = unknown, from a pyarrow table that holds the catalogue's columns in raw units."""
    absent = [feature.feature for feature in catalogue if feature.feature not in table.column_names]
    if absent:
        raise NarukiError(
            f"The table has no column for the features {', '.join(absent)}: add them (null where unknown)."
        )
    matrix = np.empty((table.num_rows, len(catalogue)), dtype=np.float32)
    for index, feature in enumerate(catalogue):
        matrix[:, index] = TRANSFORMS[feature.transform][0](as_floats(table.column(feature.feature)))
    return matrix


def as_floats(column: Any) -> NDArray[np.float64]:
    """A pyarrow column as float64, null = NaN."""
    import pyarrow as pa

    return column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


def top_reasons(
    parts: ArrayLike,
    features: ArrayLike,
    catalogue: tuple[Feature, ...],
    typical: ArrayLike,
    *,
    minimum: float,
    count: int = 3,
) -> Reasons:
    """The features that move each customer most.

    Args:
        parts: (n, p) parts of the log-odds of leaving, from `HazardModel.explain`; below 0 speaks for staying.
        features: (n, p) model columns; an unknown value is never given as a reason.
        typical: (p,) medians of the model columns.
        minimum: parts smaller than this (in log-odds) are no reason.
        count: reasons per customer.
    """
    share, values = np.asarray(parts, dtype=np.float32), np.asarray(features, dtype=np.float32)
    medians = np.asarray(typical, dtype=float)
    customers, width = share.shape
    size = np.where(np.isnan(values), np.float32(0), np.abs(share))
    ranked = np.argsort(-size, axis=1, kind="stable")[:, :count].astype(np.int32)
    ranked = np.pad(ranked, ((0, 0), (0, count - ranked.shape[1])), constant_values=0)
    rows = np.arange(customers)[:, None]
    counts = (size[rows, ranked] >= max(minimum, 1e-12)) & (np.arange(count) < width)
    codes = np.full((customers, count), -1, dtype=np.int32)
    english: list[str] = []
    japanese: list[str] = []
    for index, feature in enumerate(catalogue):
        at = np.nonzero(counts & (ranked == index))
        if not len(at[0]):
            continue
        back = TRANSFORMS[feature.transform][1]
        shown = _rounded(back(values[at[0], index].astype(float)), feature.value_format)
        keys, place = np.unique(np.stack([shown, share[at[0], index] < 0], axis=1), axis=0, return_inverse=True)
        codes[at] = len(english) + place.ravel()
        usual = _text(_rounded(back(medians[index : index + 1]), feature.value_format)[0], feature.value_format)
        for value, stays in keys:
            words = {"value": _text(value, feature.value_format), "typical": usual}
            english.append((feature.up_en if stays else feature.down_en).format(label=feature.label_en, **words))
            japanese.append((feature.up_ja if stays else feature.down_ja).format(label=feature.label_ja, **words))
    return Reasons(codes, np.where(codes >= 0, ranked, -1).astype(np.int32), tuple(english), tuple(japanese))


def _rounded(values: NDArray[np.float64], value_format: str) -> NDArray[np.float64]:
    """Values as they will be read, so that equal sentences are written once; money to three digits."""
    scaled = values * FORMATS[value_format][0]
    if value_format == "decimal":
        return np.round(scaled, 1) + 0.0
    if value_format == "money":
        with np.errstate(divide="ignore"):
            digits = np.where(scaled == 0, 0.0, np.floor(np.log10(np.abs(scaled))) - 2)
        unit = 10.0 ** np.maximum(digits, 0.0)
        return np.round(scaled / unit) * unit + 0.0
    return np.round(scaled) + 0.0  # + 0.0 turns -0 into 0


def _text(value: float, value_format: str) -> str:
    return "–" if np.isnan(value) else FORMATS[value_format][1].format(value)
