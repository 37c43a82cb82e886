// Faults that operations of the service declare.
import { faultShape } from '../../model/fault.ts'

export const badRequestException = faultShape('BadRequestException', 400)
export const forbiddenException = faultShape('ForbiddenException', 403)
export const internalServerErrorException = faultShape('InternalServerErrorException', 500)
export const methodNotAllowedException = faultShape('MethodNotAllowedException', 405)
export const notFoundException = faultShape('NotFoundException', 404)
export const tooManyRequestsException = faultShape('TooManyRequestsException', 429)
export const unauthorizedException = faultShape('UnauthorizedException', 401)
