"""Amounts of money: Decimal yuan for people, whole fen where they are added up."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from khotail.funds.problems import AmountWrong

MOST_CNY = Decimal(100_000_000_000)
_CENT = Decimal("0.01")


def yuan(fen: int | None) -> Decimal:
    """Fen as yuan; nothing as 0.00."""
    return Decimal(fen or 0).scaleb(-2)


def fen(amount: Decimal) -> int:
    """Yuan as fen, of an amount that `checked` let through."""
    return int(amount.scaleb(2))


def checked(amount: object) -> Decimal:
    """The amount to the cent, above zero. Raises AmountWrong."""
    try:
        found = Decimal(str(amount))
        if not (found.is_finite() and 0 < found <= MOST_CNY):
            raise AmountWrong(amount=str(amount)[:30])
        exact = found.quantize(_CENT)
    except InvalidOperation:
        raise AmountWrong(amount=str(amount)[:30]) from None
    if exact != found:
        raise AmountWrong(amount=str(amount)[:30])
    return exact


def shown(amount: Decimal) -> str:
    """For sentences: 12,345.60."""
    return f"{amount:,.2f}"
