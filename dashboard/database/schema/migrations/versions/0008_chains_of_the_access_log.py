"""The origin and the reason of each access in the access log, and the chains of its rows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("address", "sign_in", "role", "why"):
        op.add_column("access_log", sa.Column(name, sa.Text(), nullable=True), schema="review")
    op.create_check_constraint(
        op.f("access_log_why_check"),
        "access_log",
        "why IN ('care', 'meeting', 'cover', 'emergency')",
        schema="review",
    )
    op.create_index("access_log_at", "access_log", ["at"], schema="review")
    op.create_table(
        "access_chain",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_id", sa.UUID(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("access_chain_pkey")),
        schema="review",
    )
    op.create_table(
        "access_head",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kept_from", sa.BigInteger(), nullable=False),
        sa.Column("kept_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("access_head_pkey")),
        schema="review",
    )
    op.execute("LOCK TABLE review.access_log IN SHARE ROW EXCLUSIVE MODE")
    op.execute(CHAIN_WHAT_IS_THERE)


# This chains the existing rows, in the order in which they were written.
CHAIN_WHAT_IS_THERE = """
DO $$
DECLARE
    one review.access_log;
    head review.access_head;
    name text;
BEGIN
    FOR one IN SELECT * FROM review.access_log ORDER BY at, id LOOP
        name := coalesce(one.practitioner_id::text, 'nobody')
            || CASE WHEN one.action IN ('sign_in', 'sign_out', 'sign_in_refused')
                    THEN '/technical' ELSE '/records' END;
        INSERT INTO review.access_head (chain, number, hash, kept_from, kept_hash)
        VALUES (name, 0, sha256(convert_to(name, 'UTF8')), 1, sha256(convert_to(name, 'UTF8')))
        ON CONFLICT DO NOTHING;
        UPDATE review.access_head h
        SET number = h.number + 1,
            hash = sha256(h.hash || convert_to(json_build_array(h.chain, h.number + 1, one.id,
                (extract(epoch FROM one.at) * 1000000)::bigint,
                one.practitioner_id, one.role, one.action, one.patient_id, one.why,
                one.address, one.sign_in, one.detail::text)::text, 'UTF8'))
        WHERE h.chain = name
        RETURNING * INTO head;
        INSERT INTO review.access_chain (chain, number, log_id, hash)
        VALUES (name, head.number, one.id, head.hash);
    END LOOP;
END $$
"""
