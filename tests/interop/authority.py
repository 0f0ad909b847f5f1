"""A certificate authority for tests."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOCALHOST = (x509.DNSName("localhost"),)
DAY = datetime.timedelta(days=1)


class Authority:
    """A CA that writes certificates into a folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signs = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                              key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                              decipher_only=False)
        self.file = self._write(f"{name}.pem", self._sign(self._name, self._key.public_key(), signs,
                                                          x509.BasicConstraints(ca=True, path_length=None)))

    def _sign(self, subject, key, *critical, others=(), lifetime=DAY):
        """A certificate as RFC 5280 demands it, which newer versions of Python check."""
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + lifetime))
        names = (x509.SubjectKeyIdentifier.from_public_key(key),
                 x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()))
        for extension in critical:
            builder = builder.add_extension(extension, critical=True)
        for extension in (*others, *names):
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def issue(self, name, names=LOCALHOST, lifetime=DAY):
        """The files of a certificate with these alternative names, and of its key. The same `name` replaces both."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key.public_key(),
                                 others=[x509.SubjectAlternativeName(names)], lifetime=lifetime)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())
        return self._write(f"{name}.crt", certificate), self._write(f"{name}.key", private)

    def revocation_list(self, certificates):
        """A list that revokes the certificates in these files, in PEM."""
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self._name)
                   .last_update(now - datetime.timedelta(minutes=5)).next_update(now + DAY))
        for certificate in certificates:
            serial = x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
