// Faults that operations of the service declare.
import { faultShape } from '../../model/fault.ts'

export const internalServiceException = faultShape('InternalServiceException', 500)
export const invalidParameterException = faultShape('InvalidParameterException', 400)
export const paginationTokenExpiredException = faultShape('PaginationTokenExpiredException', 400)
export const throttledException = faultShape('ThrottledException', 400)
