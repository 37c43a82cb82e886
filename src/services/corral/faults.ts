// Faults that operations of the service declare.
import { faultShape } from '../../model/fault.ts'

export const conflictException = faultShape('ConflictException', 409)
export const validationException = faultShape('ValidationException', 400)
