#!/usr/bin/python3
"""Prints the Debian packages that files belong to, as a software bill of materials: SPDX 2.3, in JSON.

    SOURCE_DATE_EPOCH=SECONDS sbom.py NAME FILE…

A file that belongs to no package, such as one that a package generated, belongs to the package of its name's owner:
ca-certificates.crt to ca-certificates. Any other such file is an error.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys

GENERATED = {"ca-certificates.crt": "ca-certificates"}


def run(*command):
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          encoding="utf-8").stdout


def package_of(file):
    """The name of the package, such as libpq5:amd64. Packages know their files by the paths before or after /usr."""
    path = pathlib.Path(file)
    if path.name in GENERATED:
        return GENERATED[path.name]
    real = str(path.resolve())
    for candidate in (real, real.removeprefix("/usr"), str(path), "/usr" + str(path)):
        owner = run("dpkg-query", "--search", candidate).partition(": ")[0]
        if owner:
            return owner.partition(",")[0]
    sys.exit(f"sbom.py: {file} belongs to no package")


def entry(package):
    form = "${Package}\n${Version}\n${Architecture}\n${source:Package}\n${source:Version}\n${Homepage}"
    name, version, architecture, source, source_version, homepage = run(
        "dpkg-query", "--show", f"--showformat={form}", package).split("\n")
    return {
        "SPDXID": f"SPDXRef-Package-{name.replace('+', '-')}",
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "sourceInfo": f"built from the source package {source} {source_version}",
        "homepage": homepage or "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
        }],
    }


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    name, *files = sys.argv[1:]
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    packages = [entry(package) for package in sorted({package_of(file) for file in files})]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://identity.invalid/sbom/{name}/{epoch}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: packaging/sbom.py"]},
        "packages": packages,
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": package["SPDXID"]} for package in packages],
    }
    json.dump(document, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
