/**
 * Structural schema of TLS that a gateway or sidecar terminates.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
 */
import { boolean, list, object, oneOf, string, strings } from './schema-node.ts';
import { atMostOne } from './validation-rule.ts';

const CERTIFICATES_MAX = 2; // one RSA, one ECDSA
const protocolVersion = oneOf('TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3');

export const serverTls = object(
  {
    caCertCredentialName: string,
    caCertificates: string,
    caCrl: string,
    cipherSuites: strings,
    credentialName: string,
    credentialNames: list(string, { itemsMin: 1, itemsMax: CERTIFICATES_MAX }),
    httpsRedirect: boolean,
    maxProtocolVersion: protocolVersion,
    minProtocolVersion: protocolVersion,
    mode: oneOf(
      'PASSTHROUGH',
      'SIMPLE',
      'MUTUAL',
      'AUTO_PASSTHROUGH',
      'ISTIO_MUTUAL',
      'OPTIONAL_MUTUAL',
    ),
    privateKey: string,
    serverCertificate: string,
    subjectAltNames: strings,
    tlsCertificates: list(
      object({ caCertificates: string, privateKey: string, serverCertificate: string }),
      { itemsMin: 1, itemsMax: CERTIFICATES_MAX },
    ),
    verifyCertificateHash: strings,
    verifyCertificateSpki: strings,
  },
  {
    rules: [
      atMostOne(
        'only one of credentialNames or tlsCertificates can be set',
        'tlsCertificates',
        'credentialNames',
      ),
      atMostOne(
        'only one of credentialName or credentialNames can be set',
        'credentialName',
        'credentialNames',
      ),
      // The CRD says credentialName and means credentialNames.
      atMostOne(
        'only one of credentialName or tlsCertificates can be set',
        'credentialNames',
        'tlsCertificates',
      ),
    ],
  },
);
