// entry.h: what a generated entry point calls. An entry reads:
//
//   FX_ENTRY int32_t aclrtFoo(void *a, uint64_t n) {
//       if (fx_mode() == FX_MODE_ROUTE) return fx_route_aclrtFoo(a, n);   // or fx_refuse(ID) + value
//       int32_t (*real)(void *, uint64_t) = fx_real(ID);
//       if (real == NULL) { fx_missing(ID); return <refusal value>; }
//       if (fx_mode() != FX_MODE_OBSERVE || !fx_recorded(ID)) return real(a, n);
//       uint64_t enter = fx_enter();
//       int32_t result = real(a, n);
//       fx_leave(ID, enter, result, stream, words, …);
//       return result;
//   }
//
// The forward path is two loads and two branches; everything else is out of line.
#ifndef FX_ENTRY_H
#define FX_ENTRY_H

#include "../Observe/observe.h"
#include "../Observe/resolve.h"
#include "../Route/phases.h"
#include "../Transport/mode.h"
#include "flexnpu_functions.h"

#endif
