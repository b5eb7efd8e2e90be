// Why a request cannot be made, in the words of the panel's foot.
import type { AppError } from '../../bindings/AppError';

export function refusalWords(error: AppError): string {
  switch (error.kind) {
    case 'template':
      return error.names.length > 0
        ? `Fill ${error.names.join(', ')}`
        : error.unfit.map(({ message }) => message).join('; ');
    case 'invalid':
      return error.message;
    case 'missingKey':
      return error.message;
    case 'plainHttp':
      return `Agree to plain http for ${error.host} first`;
    case 'keychain':
      return error.message;
    case 'notFound':
      return `${error.what} is not there any more`;
    case 'network':
    case 'rejected':
    case 'protocol':
    case 'endedEarly':
    case 'storage':
    case 'media':
    case 'internal':
      return error.message;
  }
}
