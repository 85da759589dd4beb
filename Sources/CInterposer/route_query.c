// Questions and settings that the device library answers.
#include <string.h>

#include "context.h"
#include "query.h"

/// In- and out-parameters of a query, in declared order. Out-parameters are 4 or 8 bytes wide.
#define IN(...) .in = {__VA_ARGS__}, .in_count = FX_COUNT(__VA_ARGS__)
#define OUT1(a, bytes) .out = {a}, .out_bytes = {bytes}, .out_count = 1
#define OUT2(a, b, bytes) .out = {a, b}, .out_bytes = {bytes, bytes}, .out_count = 2
#define OUT3(a, b, c, bytes) .out = {a, b, c}, .out_bytes = {bytes, bytes, bytes}, .out_count = 3
#define ASK(name, ...) \
    fx_query_run(&(const struct fx_query){.function = FX_FUNCTION_##name, __VA_ARGS__})
#define SIGNED(number) ((uint64_t)(int64_t)(number))

int32_t fx_route_aclrtGetVersion(void *major, void *minor, void *patch) {
    return ASK(aclrtGetVersion, OUT3(major, minor, patch, 4));
}

int32_t fx_route_aclGetCannAttribute(int32_t cannAttr, void *value) {
    return ASK(aclGetCannAttribute, IN(SIGNED(cannAttr)), OUT1(value, 4));
}

int32_t fx_route_aclGetDeviceCapability(uint32_t deviceId, int32_t deviceInfo, void *value) {
    return ASK(aclGetDeviceCapability, IN(deviceId, SIGNED(deviceInfo)), OUT1(value, 8));
}

int32_t fx_route_aclrtGetDeviceInfo(uint32_t deviceId, int32_t attr, void *value) {
    return ASK(aclrtGetDeviceInfo, IN(deviceId, SIGNED(attr)), OUT1(value, 8));
}

int32_t fx_route_aclrtGetMemInfo(int32_t attr, void *free, void *total) {
    return ASK(aclrtGetMemInfo, IN(SIGNED(attr)), OUT2(free, total, 8));
}

int32_t fx_route_aclrtGetSysParamOpt(int32_t opt, void *value) {
    return ASK(aclrtGetSysParamOpt, IN(SIGNED(opt)), OUT1(value, 8));
}

int32_t fx_route_aclrtSetSysParamOpt(int32_t opt, int64_t value) {
    return ASK(aclrtSetSysParamOpt, IN(SIGNED(opt), SIGNED(value)));
}

int32_t fx_route_aclrtCtxGetSysParamOpt(int32_t opt, void *value) {
    return ASK(aclrtCtxGetSysParamOpt, IN(SIGNED(opt)), OUT1(value, 8));
}

int32_t fx_route_aclrtCtxSetSysParamOpt(int32_t opt, int64_t value) {
    return ASK(aclrtCtxSetSysParamOpt, IN(SIGNED(opt), SIGNED(value)));
}

int32_t fx_route_aclrtDeviceCanAccessPeer(void *can, int32_t deviceId, int32_t peerDeviceId) {
    return ASK(
        aclrtDeviceCanAccessPeer, IN(SIGNED(deviceId), SIGNED(peerDeviceId)), OUT1(can, 4),
        .out_at = 1);
}

int32_t fx_route_aclrtDeviceEnablePeerAccess(int32_t peerDeviceId, uint32_t flags) {
    return ASK(aclrtDeviceEnablePeerAccess, IN(SIGNED(peerDeviceId), flags));
}

int32_t fx_route_aclrtDeviceGetStreamPriorityRange(void *least, void *greatest) {
    return ASK(aclrtDeviceGetStreamPriorityRange, OUT2(least, greatest, 4));
}

int32_t fx_route_aclrtQueryDeviceStatus(int32_t deviceId, void *deviceStatus) {
    return ASK(aclrtQueryDeviceStatus, IN(SIGNED(deviceId)), OUT1(deviceStatus, 4));
}

int32_t fx_route_aclrtGetDeviceSatMode(void *mode) {
    return ASK(aclrtGetDeviceSatMode, OUT1(mode, 4));
}

int32_t fx_route_aclrtSetDeviceSatMode(int32_t mode) {
    return ASK(aclrtSetDeviceSatMode, IN(SIGNED(mode)));
}

int32_t fx_route_aclrtSetOpExecuteTimeOut(uint32_t timeout) {
    return ASK(aclrtSetOpExecuteTimeOut, IN(timeout));
}

int32_t fx_route_aclrtSetOpExecuteTimeOutWithMs(uint32_t timeout) {
    return ASK(aclrtSetOpExecuteTimeOutWithMs, IN(timeout));
}

int32_t fx_route_aclrtSetOpExecuteTimeOutV2(uint64_t timeout, void *actualTimeout) {
    return ASK(aclrtSetOpExecuteTimeOutV2, IN(timeout), OUT1(actualTimeout, 8));
}

int32_t fx_route_aclrtGetOpTimeOutInterval(void *interval) {
    return ASK(aclrtGetOpTimeOutInterval, OUT1(interval, 8));
}

int32_t fx_route_aclrtSetOpWaitTimeout(uint32_t timeout) {
    return ASK(aclrtSetOpWaitTimeout, IN(timeout));
}

int32_t fx_route_HcclSetConfig(int32_t config, int32_t configValue) {
    return ASK(HcclSetConfig, IN(SIGNED(config), SIGNED(configValue)));
}

int32_t fx_route_aclSetCompileopt(int32_t opt, const void *value) {
    if (value == NULL) return FX_ERROR_INVALID;
    return ASK(aclSetCompileopt, IN(SIGNED(opt)), .text = value);
}

int32_t fx_route_aclsysGetVersionNum(void *pkgName, void *versionNum) {
    if (pkgName == NULL) return FX_ERROR_INVALID;
    return ASK(aclsysGetVersionNum, .text = pkgName, OUT1(versionNum, 4));
}

// ---- With handles ------------------------------------------------------------------------------

int32_t fx_route_aclrtSetStreamFailureMode(void *stream, uint64_t mode) {
    struct fx_thread *self;
    struct fx_query query = {.function = FX_FUNCTION_aclrtSetStreamFailureMode};
    int32_t status = fx_begin(&self, query.function);
    if (status != 0) return status;
    status = fx_stream_resolve(self, query.function, stream, &query.stream);
    query.in[0] = query.stream;
    query.in[1] = mode;
    query.in_count = 2;
    struct fx_reply reply;
    if (status == 0) status = fx_query_ask(self, &query, &reply);
    return fx_end(self, status);
}

int32_t fx_route_aclrtEventGetTimestamp(void *event, void *timestamp) {
    struct fx_thread *self;
    struct fx_query query = {
        .function = FX_FUNCTION_aclrtEventGetTimestamp, .in = {(uint64_t)event}, .in_count = 1};
    int32_t status = fx_begin(&self, query.function);
    if (status != 0) return status;
    struct fx_reply reply;
    if (timestamp == NULL)
        status = fx_invalid(self, query.function, "timestamp is NULL");
    else if (fx_event_resolve(self, query.function, event) == NULL)
        status = FX_ERROR_INVALID;
    else
        status = fx_query_ask(self, &query, &reply);
    if (status == 0) memcpy(timestamp, &reply.words[0], 8);
    return fx_end(self, status);
}

// ---- With text or structures -------------------------------------------------------------------

/// Copies the reply's bytes to the program: a string gets its NUL, within `room`.
static int32_t ask_bytes(const struct fx_query *query, void *to, size_t room, int is_string) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, query->function);
    if (status != 0) return status;
    if (to == NULL || room == 0)
        return fx_end(self, fx_invalid(self, query->function, "there is no room for the result"));
    struct fx_reply reply;
    status = fx_query_ask(self, query, &reply);
    if (status == 0) {
        size_t count = is_string ? strnlen((const char *)reply.bytes, reply.byte_count)
                                 : reply.byte_count;
        size_t most = is_string ? room - 1 : room;
        if (count > most) count = most;
        fx_copy(to, reply.bytes, count);
        if (is_string) ((char *)to)[count] = 0;
    }
    return fx_end(self, status);
}

/// What CANN's headers give these results: a version text, and the structure of texts.
enum { version_text_bytes = 128, version_structure_bytes = 512 };

int32_t fx_route_aclsysGetCANNVersion(int32_t name, void *version) {
    struct fx_query query = {
        .function = FX_FUNCTION_aclsysGetCANNVersion, IN(SIGNED(name)), .out_count = 1};
    return ask_bytes(&query, version, version_structure_bytes, 0);
}

int32_t fx_route_aclsysGetVersionStr(void *pkgName, void *versionStr) {
    if (pkgName == NULL) return FX_ERROR_INVALID;
    struct fx_query query = {
        .function = FX_FUNCTION_aclsysGetVersionStr, .text = pkgName, .out_count = 1};
    return ask_bytes(&query, versionStr, version_text_bytes, 1);
}

int32_t fx_route_aclGetCompileopt(int32_t opt, void *value, size_t length) {
    struct fx_query query = {
        .function = FX_FUNCTION_aclGetCompileopt,
        IN(SIGNED(opt), length),
        .out_count = 1,
        .out_at = 2,
    };
    return ask_bytes(&query, value, length, 1);
}

size_t fx_route_aclGetCompileoptSize(int32_t opt) {
    uint64_t size = 0;
    int32_t status = ASK(aclGetCompileoptSize, IN(SIGNED(opt)), OUT1(&size, 8));
    return status == 0 ? size : 0;
}

int32_t fx_route_aclGetCannAttributeList(const void *cannAttrList, void *num) {
    // The library owns the list, so it is fetched into memory that stays; the values never change.
    static int32_t attributes[FX_REPLY_BYTES / 4];
    struct fx_thread *self;
    struct fx_query query = {.function = FX_FUNCTION_aclGetCannAttributeList};
    int32_t status = fx_begin(&self, query.function);
    if (status != 0) return status;
    struct fx_reply reply;
    if (cannAttrList == NULL || num == NULL)
        status = fx_invalid(self, query.function, "a result is NULL");
    else
        status = fx_query_ask(self, &query, &reply);
    if (status == 0) {
        uint64_t count = reply.byte_count / 4;
        const int32_t *list = attributes;
        for (uint64_t i = 0; i < count; i++) {
            int32_t attribute;
            memcpy(&attribute, reply.bytes + 4 * i, 4);
            __atomic_store_n(&attributes[i], attribute, __ATOMIC_RELAXED);
        }
        memcpy((void *)cannAttrList, &list, sizeof(list));
        memcpy(num, &count, sizeof(count));
    }
    return fx_end(self, status);
}

// ---- From the welcome --------------------------------------------------------------------------

int32_t fx_route_aclrtGetDeviceCount(void *count) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclrtGetDeviceCount);
    if (status != 0) return status;
    if (count == NULL)
        status = fx_invalid(self, FX_FUNCTION_aclrtGetDeviceCount, "count is NULL");
    else
        *(uint32_t *)count = self->session->welcome.device_count;
    return fx_end(self, status);
}

const char *fx_route_aclrtGetSocName(void) {
    struct fx_thread *self;
    if (fx_begin(&self, FX_FUNCTION_aclrtGetSocName) != 0) return NULL;
    const char *name = self->session->welcome.soc_name;  // a session is never unmapped
    fx_end(self, 0);
    return name;
}
