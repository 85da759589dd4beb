// arguments.h: the arguments of an aclnn operation as its entry point lays them out.
#ifndef FX_ARGUMENTS_H
#define FX_ARGUMENTS_H

#include <stdint.h>

/// One argument of a GetWorkspaceSize function, as the class letter says: T L S C I B G s pointer,
/// i w b integer (sign-extended), f d real.
union fx_argument {
    const void *pointer;
    int64_t integer;
    double real;
};

#endif
