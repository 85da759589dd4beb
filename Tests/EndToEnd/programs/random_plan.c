// Makes the plan. Streams carry vector clocks: clock[s][r] is how much of stream r is known to be done
// before what stream s gets next. A step that touches memory another stream touched later than that
// first gets an event between the two, or the program waits for the other stream.
#include "random_plan.h"

#include <stdlib.h>
#include <string.h>

struct touch {
    uint32_t write[STREAMS], read[STREAMS];  // the last one on each stream, as its sequence number
    uint32_t host_step;                      // one past the step in which the host touched it
    uint32_t by_thread[THREADS_MAX];         // one past the last step of each thread
};

static struct {
    struct plan *plan;
    uint64_t random;
    uint32_t capacity;
    uint32_t sequence[STREAMS], clock[STREAMS][STREAMS];
    uint32_t stream_step[STREAMS], event_step[EVENTS];  // one past the last step on it
    int recorded[EVENTS];
    uint32_t snapshot[EVENTS][STREAMS];
    struct touch touches[BLOCKS];
} state;

static uint32_t draw(uint32_t below)
{
    // xorshift64*: the same numbers everywhere.
    state.random ^= state.random >> 12;
    state.random ^= state.random << 25;
    state.random ^= state.random >> 27;
    return (uint32_t)((state.random * 0x2545F4914F6CDD1DULL) >> 33) % below;
}

int device_of_stream(const struct plan *plan, int stream)
{
    return stream % plan->devices;
}

int device_of_block(const struct plan *plan, int block)
{
    return block >= BLOCKS - PINNED ? -1 : block % plan->devices;
}

uint32_t upload_word(int32_t value, uint32_t at)
{
    return ((uint32_t)value + at) * 2654435761u;
}

uint64_t hash_words(const uint32_t *words, uint32_t count, uint64_t hash)
{
    for (uint32_t i = 0; i < count; i++) hash = (hash ^ words[i]) * 0x100000001B3ULL;
    return hash;
}

/// `step` has to come after the step before `past`.
static void need(struct step *step, uint32_t past)
{
    if (past == 0) return;
    uint32_t *least = &step->needs[state.plan->steps[past - 1].thread];
    if (*least < past) *least = past;
}

static struct step *add_step(enum step_kind kind, int thread)
{
    struct plan *plan = state.plan;
    if (plan->count == state.capacity) {
        state.capacity *= 2;
        plan->steps = realloc(plan->steps, state.capacity * sizeof *plan->steps);
        if (plan->steps == NULL) abort();
    }
    struct step *step = &plan->steps[plan->count++];
    memset(step, 0, sizeof *step);
    step->kind = (uint8_t)kind;
    step->thread = (uint8_t)thread;
    return step;
}

static struct step *on_stream(enum step_kind kind, int thread, int stream)
{
    struct step *step = add_step(kind, thread);
    step->stream = (uint8_t)stream;
    need(step, state.stream_step[stream]);
    state.stream_step[stream] = state.plan->count;
    return step;
}

static void use_event(struct step *step, int event)
{
    step->event = (uint8_t)event;
    need(step, state.event_step[event]);
    state.event_step[event] = state.plan->count;
}

static void join(uint32_t *clock, const uint32_t *other)
{
    for (int i = 0; i < STREAMS; i++)
        if (clock[i] < other[i]) clock[i] = other[i];
}

static void record(int thread, int stream, int event)
{
    use_event(on_stream(STEP_RECORD, thread, stream), event);
    state.recorded[event] = 1;
    memcpy(state.snapshot[event], state.clock[stream], sizeof state.snapshot[event]);
    state.snapshot[event][stream] = state.sequence[stream];
}

static void wait_for(int thread, int stream, int event)
{
    use_event(on_stream(STEP_WAIT, thread, stream), event);
    if (state.recorded[event]) join(state.clock[stream], state.snapshot[event]);
}

/// What `stream` gets next comes after everything that `other` has got.
static void order_after(int thread, int stream, int other)
{
    if (draw(8) == 0) {
        on_stream(STEP_SYNC_STREAM, thread, other);
        join(state.clock[stream], state.clock[other]);
        if (state.clock[stream][other] < state.sequence[other])
            state.clock[stream][other] = state.sequence[other];
    } else {
        int event = (int)draw(EVENTS);
        record((int)draw((uint32_t)state.plan->threads), other, event);
        wait_for(thread, stream, event);
    }
}

/// Orders `stream` behind whoever touched the block in a way that matters.
static void order_block(int thread, int stream, int block, int writes)
{
    struct touch *touch = &state.touches[block];
    for (int other = 0; other < STREAMS; other++) {
        uint32_t past = touch->write[other];
        if (writes && touch->read[other] > past) past = touch->read[other];
        if (other != stream && past > state.clock[stream][other])
            order_after(thread, stream, other);
    }
}

static void touch_block(struct step *step, int block, int writes)
{
    struct touch *touch = &state.touches[block];
    uint32_t now = state.sequence[step->stream];
    need(step, touch->host_step);
    touch->by_thread[step->thread] = state.plan->count;
    if (writes) {
        // Older touches are behind this one now.
        memset(touch->write, 0, sizeof touch->write);
        memset(touch->read, 0, sizeof touch->read);
        touch->write[step->stream] = now;
    } else {
        touch->read[step->stream] = now;
    }
}

/// A block that a kernel on this stream can use, or (for copies) pinned memory too.
static int pick_block(int stream, int pinned)
{
    for (;;) {
        int block = (int)draw(BLOCKS), device = device_of_block(state.plan, block);
        if (device == device_of_stream(state.plan, stream) || (pinned && device < 0)) return block;
    }
}

static uint32_t *words(int block) { return state.plan->memory[block]; }

/// What a step does, on the planned memory.
static void compute(const struct step *step)
{
    uint32_t *to = words(step->to) + step->to_at, *from = words(step->from) + step->from_at;
    uint32_t count = step->count, value = (uint32_t)step->value;
    switch (step->kind) {
    case STEP_SET: memset(to, step->value, count * 4); break;
    case STEP_COPY: memcpy(to, from, count * 4); break;
    case STEP_UPLOAD:
        for (uint32_t i = 0; i < count; i++) to[i] = upload_word(step->value, i);
        break;
    case STEP_ADD:
        for (uint32_t i = 0; i < count; i++) to[i] += value * from[i];
        break;
    case STEP_MULTIPLY:
        for (uint32_t i = 0; i < count; i++) to[i] *= from[i];
        break;
    case STEP_TRANSPOSE:
        // value rows of count / value columns.
        for (uint32_t i = 0; i < count; i++)
            to[i] = from[i % value * (count / value) + i / value];
        break;
    case STEP_FILL:
        for (uint32_t i = 0; i < count; i++) to[i] = value;
        break;
    }
}

static void work(int thread, int stream)
{
    static const uint8_t kinds[] = {STEP_SET, STEP_COPY,      STEP_COPY,      STEP_UPLOAD, STEP_ADD,
                                    STEP_ADD, STEP_MULTIPLY,  STEP_TRANSPOSE, STEP_FILL};
    enum step_kind kind = kinds[draw(sizeof kinds)];
    int to = pick_block(stream, kind == STEP_COPY), from = to, has_source = 0;
    if (kind == STEP_COPY || kind == STEP_ADD || kind == STEP_MULTIPLY || kind == STEP_TRANSPOSE) {
        has_source = 1;
        while (from == to || (device_of_block(state.plan, to) < 0 &&
                              device_of_block(state.plan, from) < 0))
            from = pick_block(stream, kind == STEP_COPY);
        order_block(thread, stream, from, 0);
    }
    order_block(thread, stream, to, 1);
    struct step *step = on_stream(kind, thread, stream);
    state.sequence[stream]++;
    step->to = (uint8_t)to;
    step->from = (uint8_t)from;
    step->count = (uint16_t)(1 + draw(draw(4) == 0 ? WORDS : 64));
    step->value = (int32_t)draw(1u << 30) - (1 << 29);
    if (kind == STEP_SET) step->value = (int32_t)draw(256);
    if (kind == STEP_TRANSPOSE) {
        step->value = (int32_t)(1 + draw(16));
        step->count = (uint16_t)((uint32_t)step->value * (1 + draw(32)));
    }
    step->to_at = (uint16_t)draw(WORDS - step->count + 1);
    step->from_at = (uint16_t)draw(WORDS - step->count + 1);
    if (has_source) touch_block(step, from, 0);
    touch_block(step, to, 1);
    compute(step);
}

/// Reads a block back: behind a stream, or at once after all of its streams were waited for.
static void look(int thread, int stream)
{
    int now = draw(2) == 0, block = pick_block(stream, 0);
    struct touch *touch = &state.touches[block];
    struct step *step;
    if (now) {
        for (int other = 0; other < STREAMS; other++)
            if (touch->write[other] > 0) on_stream(STEP_SYNC_STREAM, thread, other);
        step = add_step(STEP_READ_NOW, thread);
        step->stream = (uint8_t)stream;
        for (int i = 0; i < THREADS_MAX; i++) need(step, touch->by_thread[i]);
        touch->host_step = touch->by_thread[thread] = state.plan->count;
    } else {
        order_block(thread, stream, block, 0);
        step = on_stream(STEP_DOWNLOAD, thread, stream);
        state.sequence[stream]++;
        touch_block(step, block, 0);
    }
    step->from = (uint8_t)block;
    step->count = WORDS;
    step->expected = hash_words(words(block), WORDS, 0);
}

static void renew_block(int thread, int stream)
{
    int block = pick_block(stream, 0);
    struct touch *touch = &state.touches[block];
    struct step *step = on_stream(STEP_RENEW_BLOCK, thread, stream);
    state.sequence[stream]++;
    step->to = (uint8_t)block;
    step->count = WORDS;
    step->value = (int32_t)draw(256);
    for (int i = 0; i < THREADS_MAX; i++) need(step, touch->by_thread[i]);
    touch_block(step, block, 1);
    touch->host_step = state.plan->count;
    memset(words(block), step->value, WORDS * 4);
}

static void events(int thread, int stream)
{
    int event = (int)draw(EVENTS);
    switch (draw(7)) {
    case 0:
    case 1: record(thread, stream, event); break;
    case 2:
    case 3: wait_for(thread, stream, event); break;
    case 4:
        use_event(on_stream(STEP_RESET, thread, stream), event);
        state.recorded[event] = 0;
        break;
    case 5: use_event(add_step(draw(2) ? STEP_QUERY_EVENT : STEP_SYNC_EVENT, thread), event); break;
    default:
        use_event(add_step(STEP_RENEW_EVENT, thread), event);
        state.recorded[event] = 0;
    }
}

void make_plan(struct plan *plan, uint64_t seed, uint32_t count, int threads, int devices)
{
    memset(&state, 0, sizeof state);
    memset(plan, 0, sizeof *plan);
    plan->threads = threads;
    plan->devices = devices;
    state.plan = plan;
    state.random = seed * 0x9E3779B97F4A7C15ULL + 1;
    state.capacity = count + 1024;
    plan->steps = malloc(state.capacity * sizeof *plan->steps);
    if (plan->steps == NULL) abort();
    while (plan->count < count) {
        int thread = (int)draw((uint32_t)threads), stream = (int)draw(STREAMS);
        uint32_t what = draw(1000);
        if (what < 700) work(thread, stream);
        else if (what < 930) events(thread, stream);
        else if (what < 950) look(thread, stream);
        else if (what < 960) on_stream(STEP_QUERY_STREAM, thread, stream);
        else if (what < 970) on_stream(STEP_SYNC_STREAM, thread, stream);
        else if (what < 985) renew_block(thread, stream);
        else if (stream >= devices) on_stream(STEP_RENEW_STREAM, thread, stream);
    }
}
