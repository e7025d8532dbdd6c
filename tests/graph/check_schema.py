"""check_schema.py: says of JSON files whether the schema of graph files accepts them.

SPDX-License-Identifier: BSD-3-Clause

Usage: check_schema.py SCHEMA FILE...; prints a line “good” or “bad …” for each file. Started by
test-native-schema.c, which compares with the reader.
"""
import json
import sys

import jsonschema


def verdict(validator, path):
    with open(path, encoding='utf-8') as source:
        document = json.load(source)
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    return 'good' if error is None else 'bad ' + error.message.replace('\n', ' ')


def main():
    with open(sys.argv[1], encoding='utf-8') as source:
        schema = json.load(source)
    kind = jsonschema.validators.validator_for(schema)
    assert kind is jsonschema.Draft202012Validator
    kind.check_schema(schema)
    for path in sys.argv[2:]:
        print(verdict(kind(schema), path))


main()
