"""`python -m tests.unit.policy.deciding_again` decides every shipped case and prints one digest of all the bytes."""

import hashlib
import sys

from gateway.package.encoding import Record, encode_record
from gateway.policy.case_files import load_cases
from gateway.policy.cases import decide_case
from gateway.policy.policy_files import find_place
from tests.unit.policy.building import SHIPPED


def main() -> None:
    table = load_cases(find_place(SHIPPED))
    digest = hashlib.sha256()
    for _, case in table.cases:
        digest.update(encode_record(Record(decision=decide_case(case, policy=table.policy))))
    sys.stdout.write(digest.hexdigest())


if __name__ == "__main__":
    main()
