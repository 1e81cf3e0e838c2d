"""`lenet model`: the card of the weights that the settings name."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.refusal import refuse

if TYPE_CHECKING:
    from app.lenet.network.card import Card


def model(*, as_json: Annotated[bool, typer.Option("--json", help="Print the whole card")] = False) -> None:
    """Print the card of the weights: fit and scores.

    Exits with 0, or with 1 and one clear line.
    """
    from app.commands.loading import UNMET, remedy, settings_or_refuse
    from app.lenet.network import artifact

    try:
        card = artifact.load_card(settings_or_refuse().find_weights())
    except UNMET as error:
        refuse(remedy(error))
    if as_json:
        print(card.model_dump_json(indent=2))
        return
    for name, value in _facts(card).items():
        print(f"{name:<14}{value}")
    print("\ndigit  precision  recall      F1  pictures  taken for")
    for row, scores in zip(card.scores.confusion_matrix, card.scores.per_class, strict=True):
        shares = f"{scores.precision:>9.4f}  {scores.recall:.4f}  {scores.f1:.4f}"
        mistakes = _mistakes(row, scores.name, card.class_names)
        print(f"{scores.name:>5}  {shares}  {scores.support:>8,}  {mistakes}".rstrip())
    if card.scores.reliability:
        print("\nconfidence  accuracy  pictures")
    for one in card.scores.reliability:
        print(f"{one.confidence:>10.4f}  {one.accuracy:>8.4f}  {one.count:>8,}")


def _facts(card: "Card") -> dict[str, str]:
    scores, calibration, side = card.scores, card.calibration, card.input.size
    facts = {
        "name": f"{card.name} ({card.short_hash})",
        "network": f"{card.architecture}, {card.parameters:,} parameters, input of {side} x {side} pixels",
        "fitted": f"{card.date:%Y-%m-%d}, {len(card.history)} epochs, seed {card.seed}, on {card.device}",
        "best epoch": f"chosen on {card.selected_on}",
        "scored on": scores.evaluated_on,
        "accuracy": f"{scores.accuracy:.2%}",
        "macro-F1": f"{scores.macro_f1:.4f}",
        "calibration": f"expected error {scores.ece:.2%}, NLL {scores.nll:.4f}, Brier score {scores.brier:.4f}",
    }
    if calibration is None:
        return facts | {"unsure": "only of blank pictures"}
    return facts | {
        "unsure": f"below probability {calibration.least_confidence:.4f} or energy {calibration.least_energy:.2f}",
        "sure": f"of {calibration.share_sure:.1%}, with {calibration.error_of_sure:.2%} of those wrong "
        f"({calibration.chosen_on})",
    }


def _mistakes(row: tuple[int, ...], name: str, names: tuple[str, ...]) -> str:
    """Return the wrong answers to one digit's pictures, the most frequent first."""
    wrong = [(count, answer) for count, answer in zip(row, names, strict=True) if count and answer != name]
    return ", ".join(f"{answer} ({count})" for count, answer in sorted(wrong, key=lambda one: -one[0]))
