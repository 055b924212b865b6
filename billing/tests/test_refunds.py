"""Refunds and disputes: tokens are held first, money is sent once, and nobody's balance goes below zero."""

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models import Notice, User
from accounts.services import mails
from billing import selectors_payments
from billing.errors import NotRefundable, SecondPersonNeeded, WrongState
from billing.gateways.base import DisputeReport, DisputeState, Money, PaymentReport, PaymentState
from billing.models import Hold, Payment, PaymentEvent, Receipt, Refund, ReviewCase
from billing.selectors import balance, caps
from billing.services import disputes, holds, payment_reports, refund_sending, refunds, spend_caps
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput, NotFound

pytestmark = pytest.mark.django_db
# 1,250 roubles, as readers of either language write them.
SUM = {"ru": "1\u00a0250\u00a0₽", "en": "₽1,250"}


@pytest.fixture
def olga():
    return User.objects.create_superuser("olga@example.com", name="Olga")


@pytest.fixture
def pavel():
    return User.objects.create_superuser("pavel@example.com", name="Pavel")


@pytest.fixture(autouse=True)
def _clean_books(db):
    yield
    assert_ledger_is_clean()


def spend(user, tokens):
    hold = ids.new()
    holds.place(owner_id=user.pk, hold_id=hold, amount=tokens, reference=f"generation:{hold}")
    holds.capture(hold)


def ask(user, payment):
    return refunds.request(owner_id=user.pk, payment_id=payment.pk, reason="Not needed")


def dispute(payment, state, *, number="dp_1"):
    news = DisputeReport(number, state, payment.charge_id, payment.money, reason="fraudulent")
    verdict = disputes.apply(payment.pk, news)
    payment.refresh_from_db()
    return verdict


def test_the_whole_of_an_unused_payment_goes_back(bought, bob, olga, run_jobs, gateway_fakes):
    payment = bought(bob)
    refund = ask(bob, payment)
    assert (refund.status, refund.amount, refund.tokens, refund.bonus_tokens) == ("requested", 125000, 500, 25)
    mine = balance(bob.pk)
    assert (mine.available, mine.held) == (0, 525)
    refunds.approve(refund, reason="Unused", by=olga)
    run_jobs()
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.status, payment.refunded_amount) == ("succeeded", "refunded", 125000)
    mine = balance(bob.pk)
    assert (mine.available, mine.held) == (0, 0)
    assert [one.amount for one in gateway_fakes.sandbox.refunds.values()] == [1250]
    assert Notice.objects.get(user=bob, kind="refund_sent").details == {"amount": SUM}


def test_the_unused_part_goes_back_at_the_price_that_was_paid(bought, bob, olga, run_jobs):
    payment = bought(bob)
    spend(bob, 125)
    refund = ask(bob, payment)
    assert (refund.tokens, refund.bonus_tokens, refund.amount) == (400, 0, 93750)
    refunds.approve(refund, reason="Unused", by=olga)
    run_jobs()
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_amount, payment.refunded_tokens) == ("partially_refunded", 93750, 400)
    assert balance(bob.pk).available == 0


def test_what_is_held_for_a_refund_is_no_spending(bought, bob):
    spend_caps.replace(owner_id=bob.pk, caps={"day": 100})
    ask(bob, bought(bob))
    assert caps(bob.pk)["day"].used == 0


@pytest.mark.parametrize("why", ["not_paid", "spent", "in_progress", "refunded", "disputed"])
def test_what_cannot_be_returned_is_said_with_its_reason(buy, bought, bob, olga, run_jobs, why):
    payment = buy(bob) if why == "not_paid" else bought(bob)
    match why:
        case "spent":
            spend(bob, 525)
        case "in_progress":
            ask(bob, payment)
        case "refunded":
            refunds.approve(ask(bob, payment), reason="Unused", by=olga)
            run_jobs()
            payment.refresh_from_db()
        case "disputed":
            dispute(payment, DisputeState.OPEN)
    part = selectors_payments.refundable(payment)
    assert (part.why, part.amount) == (why, 0)
    assert part.explanation
    with pytest.raises(NotRefundable) as refusal:
        ask(bob, payment)
    assert refusal.value.extra["why"] == why


def test_nobody_asks_for_anothers_money(bought, bob, mallory):
    with pytest.raises(NotFound):
        ask(mallory, bought(bob))


def test_a_rejected_refund_gives_the_tokens_back_and_says_why(bought, bob, olga):
    refund = ask(bob, bought(bob))
    with pytest.raises(InvalidInput):
        refunds.reject(refund, reason=" ", by=olga)
    refunds.reject(refund, reason="The tokens were a prize", by=olga)
    refund.refresh_from_db()
    assert (refund.status, refund.answer) == ("rejected", "The tokens were a prize")
    mine = balance(bob.pk)
    assert (mine.paid, mine.bonus, mine.held) == (500, 25, 0)
    with pytest.raises(WrongState):
        refunds.approve(refund, reason="After all", by=olga)


@pytest.mark.parametrize(("language", "words"), [("ru", "В возврате отказано"), ("en", "Refund declined")])
def test_who_is_refused_hears_why_on_the_site_and_by_mail(language, words, bought, bob, olga, run_jobs, mailoutbox):
    User.objects.filter(pk=bob.pk).update(language=language)
    refund = ask(bob, bought(bob))
    refunds.reject(refund, reason="The tokens were a prize", by=olga)
    run_jobs()
    notice = Notice.objects.get(user=bob, kind="refund_declined")
    assert notice.details == {"amount": SUM, "reason": "The tokens were a prize"}
    mails.send_notice(notice.pk)
    [letter] = mailoutbox
    assert words in letter.subject
    assert "The tokens were a prize" in letter.body


def test_who_waits_for_money_that_could_not_be_sent_hears_of_it(bought, bob, olga, run_jobs):
    refund = ask(bob, bought(bob))
    refunds.approve(refund, reason="Unused", by=olga)
    refunds.record_failure(refund, reason="Refused by the bank", by=olga)
    run_jobs()
    assert Notice.objects.get(user=bob, kind="refund_failed").details == {"amount": SUM}


def test_above_the_limit_two_people_approve(bought, bob, olga, pavel, run_jobs):
    refund = ask(bob, bought(bob, "team"))
    first = refunds.approve(refund, reason="Unused", by=olga)
    assert (first.status, first.first_approved_by) == ("requested", olga)
    with pytest.raises(SecondPersonNeeded):
        refunds.approve(refund, reason="Unused", by=olga)
    assert refunds.approve(refund, reason="Unused", by=pavel).status == "approved"


def test_a_proposal_of_staff_is_their_approval(bought, bob, olga, pavel):
    small, large = bought(bob), bought(bob, "team")
    alone = refunds.propose(payment_id=small.pk, reason="Ticket 4711", by=olga)
    assert refunds.approve(alone, reason="Ticket 4711", by=olga).status == "approved"
    together = refunds.propose(payment_id=large.pk, reason="Ticket 4712", by=olga)
    with pytest.raises(SecondPersonNeeded):
        refunds.approve(together, reason="Ticket 4712", by=olga)
    assert refunds.approve(together, reason="Ticket 4712", by=pavel).status == "approved"


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_refund_whose_answer_was_lost_is_sent_once_and_found_out(bought, bob, olga, run_jobs, gateway_fakes, fault):
    refund = ask(bob, bought(bob))
    gateway_fakes.sandbox.fail_next(fault, path="/refunds", times=9)
    refunds.approve(refund, reason="Unused", by=olga)
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, refund.is_outcome_unknown) == ("sent", True)
    assert balance(bob.pk).held == 525
    gateway_fakes.sandbox._faults.clear()
    Refund.objects.update(next_poll_at=timezone.now())
    refund_sending.send(refund.pk)
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert len(gateway_fakes.sandbox.refunds) == 1


def test_a_worker_that_died_while_it_sent_leaves_a_question_not_a_second_refund(bought, bob, olga, gateway_fakes):
    refund = ask(bob, bought(bob))
    refunds.approve(refund, reason="Unused", by=olga)
    gateway = gateway_fakes.sandbox
    Refund.objects.update(is_outcome_unknown=True, sent_at=timezone.now())
    refund_sending.send(refund.pk)
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert len(gateway.refunds) == 1
    refund_sending.send(refund.pk)
    assert len(gateway.refunds) == 1


def test_money_that_the_gateway_lacks_now_is_asked_for_later(bought, bob, olga, run_jobs, gateway_fakes):
    refund = ask(bob, bought(bob))
    gateway_fakes.sandbox.fail_next("limit", path="/refunds", times=9)
    refunds.approve(refund, reason="Unused", by=olga)
    run_jobs()
    refund.refresh_from_db()
    assert refund.status == "approved"
    assert refund.next_poll_at > timezone.now()


def test_what_was_returned_in_the_cabinet_takes_its_tokens_and_staff_hear_of_it(bought, bob, gateway_fakes, postman):
    payment = bought(bob)
    spend(bob, 225)
    gateway_fakes.sandbox.act(payment.external_id, "give_back")
    letters = list(postman.letters)
    postman.bring()
    assert [postman.post(letter).status_code for letter in letters] == [200]
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_amount) == ("refunded", 125000)
    assert balance(bob.pk).available == 0
    refund = Refund.objects.get()
    assert (refund.source, refund.tokens) == ("gateway", 300)
    case = ReviewCase.objects.get()
    assert (case.kind, case.details["missing"]) == ("refund", 200)


def test_a_total_told_without_a_refund_is_a_refund_too_and_counted_once(bought, bob):
    payment = bought(bob)
    news = PaymentReport(
        PaymentState.PAID, payment.external_id, amount=payment.money, refunded=Money(25000, "RUB"), test=True
    )
    for _ in range(2):
        payment_reports.apply(payment.pk, news, source=PaymentEvent.Source.QUERY)
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_amount, payment.refunded_tokens) == ("partially_refunded", 25000, 100)


def test_by_hand_a_refund_is_paid_out_with_a_proof_or_called_off(bought, bob, olga):
    for proof in ("0xabc", None):
        refund = ask(bob, bought(bob))
        Refund.objects.filter(pk=refund.pk).update(is_manual=True)
        with pytest.raises(WrongState):
            refunds.record_payout(refund, proof="0xabc", by=olga)
        refund = refunds.approve(refund, reason="Unused", by=olga)
        if proof:
            refunds.record_payout(refund, proof=proof, by=olga)
        else:
            refunds.record_failure(refund, reason="The address was wrong", by=olga)
        refund.refresh_from_db()
        assert (refund.status, refund.proof) == (("succeeded", proof) if proof else ("failed", ""))
    assert balance(bob.pk).paid == 500


@override_settings(FISCAL_TAX_SYSTEM="usn_income", FISCAL_VAT_CODE="vat5")
def test_the_receipt_of_a_refund_keeps_the_rate_of_its_sale(bought, bob, olga, run_jobs):
    payment = bought(bob, email="bob@example.com")
    with override_settings(FISCAL_VAT_CODE="vat7"):
        refunds.approve(ask(bob, payment), reason="Unused", by=olga)
        run_jobs()
    sale, back = Receipt.objects.order_by("created_at")
    assert sale.status == "issued"
    assert [line["vat"] for line in (*sale.lines, *back.lines)] == ["vat5", "vat5"]
    assert (sale.refund, back.lines[0]["amount"]) == (None, 125000)


def test_a_dispute_freezes_what_is_there_and_a_won_one_gives_it_back(bought, bob):
    payment = bought(bob)
    spend(bob, 125)
    assert dispute(payment, DisputeState.OPEN) == "applied"
    assert dispute(payment, DisputeState.OPEN) == "ignored"
    assert payment.status == "disputed"
    assert (balance(bob.pk).available, balance(bob.pk).held) == (0, 400)
    frozen = payment.disputes.get()
    assert (frozen.frozen_tokens, frozen.shortfall) == (400, 100)
    assert dispute(payment, DisputeState.WON) == "applied"
    assert (payment.status, balance(bob.pk).available) == ("paid", 400)


def test_a_lost_dispute_takes_what_was_frozen_and_late_news_changes_nothing(bought, bob):
    payment = bought(bob)
    dispute(payment, DisputeState.INQUIRY)
    assert payment.status == "paid"
    dispute(payment, DisputeState.OPEN)
    dispute(payment, DisputeState.LOST)
    assert (payment.status, payment.refunded_amount, balance(bob.pk).available) == ("refunded", 125000, 0)
    for state in (DisputeState.OPEN, DisputeState.WON):
        assert dispute(payment, state) == "ignored"
    assert Hold.objects.get().status == "captured"


def test_a_dispute_stops_a_refund_that_was_not_sent(bought, bob, olga):
    payment = bought(bob)
    refund = refunds.approve(ask(bob, payment), reason="Unused", by=olga)
    dispute(payment, DisputeState.OPEN)
    refund_sending.send(refund.pk)
    refund.refresh_from_db()
    assert refund.status == "failed"
    assert payment.disputes.get().frozen_tokens == 500
    dispute(payment, DisputeState.LOST)
    assert (Payment.objects.get().refunded_amount, balance(bob.pk).available) == (125000, 0)


def test_how_fast_refunds_are_handled_is_measured(bought, bob, olga, run_jobs):
    for decide in (refunds.approve, refunds.reject):
        decide(ask(bob, bought(bob)), reason="Looked at", by=olga)
        run_jobs()
    Refund.objects.filter(status="rejected").update(created_at=timezone.now() - 2 * selectors_payments.REFUND_PROMISE)
    assert selectors_payments._refund_speed() == {
        "promised_hours": 48, "handled": 2, "median_hours": 48.0, "within_promise": 50,
    }  # fmt: skip
