"""check.py documents|examples FOLDER - the swagger files below a folder, judged by somebody else's code.

documents  each redhatopenshift.json is valid OpenAPI 2.0, and whatever it refers to is there
examples   each example that a document names is there, has the parameters of its operation, and its bodies have the
           types and no more members than the document says
"""
import glob
import json
import os
import sys
import warnings
from urllib.parse import unquote

import jsonschema
from swagger_spec_validator import validator20


def documents(folder):
    found = sorted(glob.glob(folder + "/**/redhatopenshift.json", recursive=True))
    if not found:
        sys.exit("there are no documents below " + folder)
    for path in found:
        with open(path, encoding="utf-8") as file:
            yield path, json.load(file)


def check_documents(folder):
    for path, document in documents(folder):
        validator20.validate_spec(document, spec_url="file://" + os.path.abspath(path))


class Schemas:
    """Follows references, also into other files."""

    def __init__(self, path):
        self.files = {}
        self.path = os.path.abspath(path)

    def load(self, path):
        if path not in self.files:
            with open(path, encoding="utf-8") as file:
                self.files[path] = json.load(file)
        return self.files[path]

    def follow(self, value, path):
        while "$ref" in value:
            file, _, pointer = value["$ref"].partition("#")
            if file:
                path = os.path.normpath(os.path.join(os.path.dirname(path), file))
            value = self.load(path)
            for part in pointer.strip("/").split("/") if pointer else []:
                value = value[unquote(part).replace("~1", "/").replace("~0", "~")]
        return value, path

    def members(self, schema, path):
        """The properties of an object, with those that it inherits: name -> (schema, file)."""
        found = {}
        for base in schema.get("allOf", []):
            found.update(self.members(*self.follow(base, path)))
        found.update({name: (value, path) for name, value in schema.get("properties", {}).items()})
        return found

    def check(self, value, schema, path, where):
        schema, path = self.follow(schema, path)
        flat = {key: schema[key] for key in ("type", "enum", "format") if key in schema}
        jsonschema.Draft4Validator(flat).validate(value)
        if isinstance(value, list):
            for i, item in enumerate(value):
                self.check(item, schema["items"], path, f"{where}[{i}]")
        elif isinstance(value, dict):
            members = self.members(schema, path)
            for name, item in value.items():
                if name not in members and "additionalProperties" not in schema:
                    sys.exit(f"{where}.{name} is not in the document")
                inner, file = members.get(name) or (schema["additionalProperties"], path)
                self.check(item, inner, file, f"{where}.{name}")


def check_operation(schemas, operation):
    for reference in operation["x-ms-examples"].values():
        example, file = schemas.follow(reference, schemas.path)
        names = set()
        for parameter in operation["parameters"]:
            parameter, _ = schemas.follow(parameter, schemas.path)
            names.add(parameter["name"])
            if parameter["in"] == "body":
                schemas.check(example["parameters"]["parameters"], parameter["schema"], schemas.path, file + ": request")
        if names != set(example["parameters"]):
            sys.exit(f"{file}: parameters {sorted(example['parameters'])}, expected {sorted(names)}")
        replies = set(operation["responses"]) - {"default"}
        if replies != set(example["responses"]):
            sys.exit(f"{file}: replies {sorted(example['responses'])}, expected {sorted(replies)}")
        for status in replies:
            if "schema" in operation["responses"][status]:
                body = example["responses"][status]["body"]
                schemas.check(body, operation["responses"][status]["schema"], schemas.path, f"{file}: {status}")


def check_examples(folder):
    for path, document in documents(folder):
        schemas = Schemas(path)
        named = 0
        for verbs in document["paths"].values():
            for operation in verbs.values():
                check_operation(schemas, operation)
                named += len(operation["x-ms-examples"])
        there = len(os.listdir(os.path.join(os.path.dirname(path), "examples")))
        if named != there:
            sys.exit(f"{path}: {named} examples are named, {there} are there")


if __name__ == "__main__":
    # References with descriptions beside them are what Azure's tools want.
    warnings.simplefilter("ignore")
    {"documents": check_documents, "examples": check_examples}[sys.argv[1]](sys.argv[2])
