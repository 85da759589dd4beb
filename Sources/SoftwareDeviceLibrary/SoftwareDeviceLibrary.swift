// The product: everything is in SoftwareDevice; the linker flags of a C library belong here alone.
@_exported import SoftwareDevice
