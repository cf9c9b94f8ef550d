"""A discovery told as one page: the question, the answer, the pictures, the checks, the sources."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hanten.chem import draw
from hanten.discover.evidence import model_rows
from hanten.discover.routes import route_fragments
from hanten.discover.sources import citations, facts
from hanten.discover.wording import answer, numbers, row_values, share, wish
from hanten.properties import get_property, pretty_unit
from hanten.report import Fragment, Report, Section, figures
from hanten.report.html import table
from hanten.report.style import to_svg

if TYPE_CHECKING:
    import pandas as pd

    from hanten.discover.workflow import Discovery

SHOWN = 60
ROUTES = (
    "From left to right: the polymer, its monomers, what is bought. Solid green frame: in stock; dashed orange: not in stock. Every step is "
    "a polymerisation rule or a documented reaction, with its grade, or a reaction of the learned model, with its probability."
)
SHORTLIST = {
    "rank": "#",
    "canonical": "Repeat unit",
    "values": "Predicted mean ± sd",
    "reason": "Why",
    "monomers": "Monomers by rule",
    "nearest_known": "Nearest known polymer",
}
MODELS = {
    "property": "Property",
    "method": "Predicts",
    "polymers": "Polymers",
    "random_mae": "MAE, random folds",
    "random_r2": "R²",
    "cluster_mae": "MAE, clusters held out",
    "cluster_r2": "R²",
    "cluster_coverage": "90 % interval holds",
    "known_biases": "Known biases",
}


def tell(found: Discovery) -> Report:
    """The report of a discovery."""
    library, short = found.library, found.shortlist
    chosen = (
        "A diverse few of the best, without unstable groups: ranked by the probability of the target region"
    )
    if found.config.require:
        chosen += f", all of them {' and '.join(name.replace('_', ' ') for name in found.config.require)}"
    return Report(
        title="Candidate polymers: " + " and ".join(name.replace("_", " ") for name in found.regions),
        question=f"Which polymers have {wish(found)}?",
        answer=answer(found),
        numbers=numbers(found),
        sections=[
            Section("Shortlist", shortlist_fragments(found), f"{chosen}, and by how much they differ."),
            Section("Where the candidates lie", property_fragments(found)),
            Section("New, and makeable?", screening_fragments(library), side_by_side=True),
            Section(
                "How the shortlist can be made",
                route_fragments(short, found.routes, learned=found.config.learned_routes),
                ROUTES,
            ),
            Section("How the sampler went", sampler_fragments(found)),
            Section("How far to trust the predictions", trust_fragments(found)),
            Section("The library", library_fragments(found)),
        ],
        checks=found.checks,
        downloads={
            "results.csv": library.to_csv(index=False),
            "shortlist.csv": short.to_csv(index=False),
            "candidates.smi": "\n".join(library["canonical"]) + "\n",
        },
        citations=citations(found),
        facts=facts(found),
    )


def shortlist_fragments(found: Discovery) -> list[Fragment]:
    """Structures with their values, and the reason for each."""
    short = found.shortlist
    if not len(short):
        return [Fragment("<p>No candidate qualifies; the library below holds what was found.</p>")]
    values = [row_values(row, found.regions) for _, row in short.iterrows()]
    legends = [f"{rank}: {text}" for rank, text in zip(short["rank"], values, strict=True)]
    grid = draw(list(short["canonical"]), legends=legends, columns=3, size=(370, 210))
    rows = short.assign(values=values, monomers=short["monomers"].fillna("")).to_dict("records")
    return [
        Fragment(
            grid,
            "The chain goes on where a bond ends in a wavy line. Legend: predicted mean ± standard deviation.",
        ),
        Fragment(table(rows, SHORTLIST)),
    ]


def property_fragments(found: Discovery) -> list[Fragment]:
    """Prior against posterior, and the plane of the first two properties."""
    library, regions = found.library, found.regions
    if not len(library):
        return []
    before = {name: found.prior[f"{name}_mean"] for name in regions}
    after = {name: library[f"{name}_mean"] for name in regions}
    methods = "; ".join(f"{get_property(name).symbol}: {found.models[name].method}" for name in regions)
    density = to_svg(figures.prior_against_posterior(before, after, regions))
    parts = [
        Fragment(
            density,
            f"Predicted means of draws from the prior and of the candidates; a candidate counts by mean and standard deviation together. {methods}.",
        )
    ]
    if len(regions) > 1:
        plane = to_svg(figures.property_plane(library, found.known, regions))
        parts.append(
            Fragment(
                plane, "Candidates with their standard deviations; known polymers as the models see them."
            )
        )
    return parts


def screening_fragments(library: pd.DataFrame) -> list[Fragment]:
    """What the candidates are, whether a rule makes them, how hard they are, how far from what is known."""
    if not len(library):
        return []
    made, known = (library[c].fillna(value=False).astype(bool) for c in ("synthesizable", "all_known"))
    routes = {
        "by a rule, from known monomers": int(known.sum()),
        "by a rule, from other monomers": int((made & ~known).sum()),
        "by no rule": int((~made).sum()),
    }
    rods = f"{share(library, 'liquid_crystal'):.0%} of the candidates carry a liquid-crystal fragment."
    bars = figures.screening_bars(Counter(library["polymer_class"].fillna("other")), "Polymer class")
    ways = figures.screening_bars(routes, "Polymerisation")
    hard = figures.histogram(library["sa_score"], "synthetic accessibility (1 easy, 10 hard)")
    near = figures.histogram(
        library["nearest_similarity"], "Tanimoto similarity to the nearest known polymer"
    )
    return [
        Fragment(to_svg(bars), rods),
        Fragment(to_svg(ways), "A rule counts when its monomers polymerise to exactly this repeat unit."),
        Fragment(to_svg(hard), "Of the repeat unit (Ertl and Schuffenhauer 2009)."),
        Fragment(
            to_svg(near),
            "Known: the training structures of the models. None of the candidates is among them.",
        ),
    ]


def sampler_fragments(found: Discovery) -> list[Fragment]:
    """The trace."""
    caption = (
        f"The run ended: {found.summary['ended']}. Effective sample size before resampling; each step goes as far as "
        "keeps a fixed share of it."
    )
    return [Fragment(to_svg(figures.sampler_trace(found.trace)), caption)] if found.trace else []


def trust_fragments(found: Discovery) -> list[Fragment]:
    """Scores of the models, and predictions beside literature measurements."""
    scores = (
        "Scores on polymers the model had not seen: random folds, and folds that hold out whole clusters of similar "
        "polymers. A 90 % interval should hold 85 to 95 %."
    )
    parts = [Fragment(table(model_rows(found.models), MODELS), scores)]
    compared = found.comparison
    if compared is None:
        return parts
    unit = pretty_unit(get_property(compared.property).unit)
    caption = (
        f"Predictions ({compared.method}) beside {len(compared.table)} literature measurements of ordinary isotropic "
        f"polymers. Rank correlation {compared.spearman:.2f}; predictions are {abs(compared.bias):.3f} {unit} "
        f"{'higher' if compared.bias > 0 else 'lower'} on average and {compared.mae:.3f} {unit} away. The candidates' "
        "values are what a simulation would give, not what a measurement would."
    )
    figure = figures.computed_against_measured(compared.table, compared.property, compared.method)
    return [*parts, Fragment(to_svg(figure), caption)]


def library_fragments(found: Discovery) -> list[Fragment]:
    """The most probable candidates as a table."""
    columns = {"canonical": "Repeat unit"}
    for name in found.regions:
        symbol = get_property(name).symbol
        columns |= {f"{name}_mean": get_property(name).label, f"{name}_sd": f"sd of {symbol}"}
    columns |= {"probability": "P(target)", "in_domain": "In domain", "sa_score": "SA"}
    columns |= {"polymer_class": "Class", "rule": "Rule"}
    top = found.library.head(SHOWN)
    note = f"{len(top)} of {len(found.library)} shown, most probable first; results.csv holds all."
    return [Fragment(table(top.to_dict("records"), columns, note=note))]
