import type { Certificate } from '../../bindings/Certificate';

interface CertificateFact {
  name: string;
  value: string;
  mono: boolean;
  /** What is wrong with it by itself. */
  warn: boolean;
}

/** What people look at to know a certificate again. */
export function certificateFacts(certificate: Certificate, now: number): CertificateFact[] {
  const fact = (name: string, value: string, more: Partial<CertificateFact> = {}): CertificateFact[] =>
    value === '' ? [] : [{ name, value, mono: false, warn: false, ...more }];
  const selfSigned = certificate.issuer !== '' && certificate.issuer === certificate.subject;
  return [
    ...fact('Subject', certificate.subject, { mono: true }),
    ...fact('Issuer', selfSigned ? `${certificate.issuer} (signed by itself)` : certificate.issuer, { mono: true }),
    ...fact('For', certificate.names.join(', '), { mono: true }),
    ...fact('Valid', validity(certificate), { warn: !isValid(certificate, now) }),
    ...fact('Serial', certificate.serial, { mono: true }),
    ...fact('SHA-256', certificate.sha256.toUpperCase().replace(/..(?!$)/g, '$&:'), { mono: true }),
  ];
}

function validity({ notBefore, notAfter }: Certificate): string {
  if (notBefore === '' || notAfter === '') return '';
  const day = (time: string) => time.replace('T', ' ').replace('Z', ' UTC');
  return `${day(notBefore)} to ${day(notAfter)}`;
}

function isValid({ notBefore, notAfter }: Certificate, now: number): boolean {
  return !(now < Date.parse(notBefore) || now > Date.parse(notAfter));
}
