// Faults that operations of the service declare.
import { faultShape } from '../../model/fault.ts'

export const insufficientPermissionsException = faultShape('InsufficientPermissionsException', 400)
export const invalidLimitException = faultShape('InvalidLimitException', 400)
export const invalidNextTokenException = faultShape('InvalidNextTokenException', 400)
export const maxActiveResourcesExceededException = faultShape('MaxActiveResourcesExceededException', 400)
export const noAvailableConfigurationRecorderException = faultShape('NoAvailableConfigurationRecorderException', 400)
export const noRunningConfigurationRecorderException = faultShape('NoRunningConfigurationRecorderException', 400)
export const validationException = faultShape('ValidationException', 400)
