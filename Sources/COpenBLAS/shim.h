// OpenBLAS: matrix products of the software device.
#include <cblas.h>
