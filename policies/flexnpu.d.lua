---@meta flexnpu
-- What a FlexNPU policy is given, for the Lua language server. Policies do not load this file.

---An operation on a stream: an integer with a generation. One that is done is an error, not
---another's.
---@class Operation: integer
---A program that is connected.
---@class Client: integer
---@class Device: integer
---@alias Phase 0|1|2|3
---@alias Kind 0|1|2|3
---@alias Reason "client gone"|"stream aborted"|"failed"

---@type Phase
OTHER = 0
---@type Phase
PREFILL = 1
---@type Phase
DECODE = 2
---@type Phase
MIXED = 3

---@type Kind
KERNEL = 0
---@type Kind
COPY = 1
---@type Kind
FILL = 2
---A whole iteration of an engine.
---@type Kind
STEP = 3

---Values of the options that `P.options` declares. For reading, in hooks.
---@type table<string, any>
opt = {}

---@class Option
---@field default number|boolean|string decides the option's type
---@field min? number
---@field max? number
---@field doc? string

---@class Context
---@field options table<string, any>
---@field devices Device[]
---@field saved? any what `save` of the policy before returned
---@field previous? { name: string, version: integer }

---Chooses: `op [, cube cores, vector cores [, note]]`, or `nil [, nanoseconds to wait]`. Cores are
---what the operation may take of each pool, 0 or nil for all; the note has at most 63 bytes.
---@alias Dispatch fun(device: Device, now: integer): Operation?, number?, integer?, string?

---@class Policy
---@field name? string
---@field api 1
---@field version? integer
---@field options? table<string, Option>
---@field tick_us? number
---@field starvation_ms? number how long a client may have ready work and get nothing: 2000
---@field ready fun(op: Operation) the operation may run now
---@field dispatch Dispatch
---@field done? fun(op: Operation, ns: integer) it finished, and took so long on the device
---@field drop? fun(op: Operation, why: Reason) it leaves without running
---@field open? fun(ctx: Context)
---@field save? fun(): any plain data for the next version
---@field attach? fun(client: Client)
---@field detach? fun(client: Client)
---@field changed? fun(key: string) an option was set
---@field classify? fun(op: Operation): Phase? once a signature
---@field tick? fun(now: integer)

-- Of an operation ---------------------------------------------------------------------------------

---Name of the AscendCL function.
---@param op Operation
---@return string
function name(op) end

---@param op Operation
---@return Phase
function phase(op) end

---Who said which phase it is.
---@param op Operation
---@return "none"|"mark"|"label"|"policy"|"shape"
function phase_source(op) end

---@param op Operation
---@return Client
function client(op) end

---The label `tenant`, else the program's name.
---@param op Operation
---@return string
function tenant(op) end

---@param op Operation
---@return integer
function stream(op) end

---Counts the operations of the stream from 1.
---@param op Operation
---@return integer
function seq(op) end

---@param op Operation
---@return integer
function tokens(op) end

---@param op Operation
---@return integer
function bytes(op) end

---@param op Operation
---@return integer
function flops(op) end

---Predicted nanoseconds on the device.
---@param op Operation
---@return integer
function cost(op) end

---Nanoseconds since the program enqueued it.
---@param op Operation
---@return integer
function age(op) end

---A label of the operation's client.
---@param op Operation
---@param key string
---@return string?
function tag(op, key) end

---@param op Operation
---@return Device
function device_of(op) end

---@param op Operation
---@return Kind
function kind(op) end

---Cores that it can use at most; 0 where that is all there are.
---@param op Operation
---@return integer cube
---@return integer vector
function cores(op) end

-- Of a device -------------------------------------------------------------------------------------

---Ready operations that were not dispatched yet.
---@param device? Device
---@param phase? Phase
---@return integer
function queued(device, phase) end

---The operation that has been ready longest.
---@param device Device
---@param phase? Phase
---@return Operation?
function oldest(device, phase) end

---Operations in flight, at the last dispatch.
---@param device Device
---@param phase? Phase
---@return integer
function in_flight(device, phase) end

---Predicted time of what is in flight and not yet done, at the last dispatch.
---@param device Device
---@return integer
function in_flight_ns(device) end

---Whether less than the window is in flight; always true of an empty device.
---@param device Device
---@param window_us number
---@param operations? integer 64 where it is not given
---@return boolean
function has_room(device, window_us, operations) end

-- Of a client -------------------------------------------------------------------------------------

---@param client Client
---@return number
function weight(client) end

---A label as it was given; `name` is the program's name where no label says otherwise.
---@param client Client
---@param key string
---@return string?
function label(client, key) end

-- Queues ------------------------------------------------------------------------------------------

---An operation waits in one queue at most. A pop is a wish: what was popped in a call and neither
---returned nor pushed again goes back to where it was. In `dispatch`, pop and peek answer with
---operations of the device that is asked for.
---@class Queue
---@operator len: integer
local Queue = {}
---@param op Operation
function Queue:push(op) end
---@return Operation?
function Queue:pop() end
---@return Operation?
function Queue:peek() end
---@param op Operation
---@return boolean was_there
function Queue:remove(op) end

---The least key first; ties in the order of pushes.
---@class Heap: Queue
local Heap = {}
---@param op Operation
---@param key number
function Heap:push(op, key) end
---@return Operation? op
---@return number? key
function Heap:peek() end
---@param op Operation
---@param key number
function Heap:update(op, key) end

---Virtual time by weight, charged with what operations really took.
---@class Fair: Queue
local Fair = {}
---@param client? Client only of this client
---@return Operation?
function Fair:pop(client) end
---@param client? Client only of this client
---@return Operation?
function Fair:peek(client) end
---@param op Operation whose client is charged
---@param ns number
function Fair:charge(op, ns) end
---How far each client is ahead, for `save`.
---@return table<integer, number>
function Fair:lead() end
---@param lead table<integer, number>
function Fair:restore(lead) end

---@class Bucket: Queue
local Bucket = {}
---Nanoseconds until the next operation is let out.
---@return integer
function Bucket:wait() end

---@class queuelib
queue = {}
---@return Queue
function queue.fifo() end
---@return Heap
function queue.heap() end
---@return Fair
function queue.fair() end
---@param rate number operations a second
---@param burst? number operations at once
---@return Bucket
function queue.bucket(rate, burst) end

-- The rest ----------------------------------------------------------------------------------------

---Integers to numbers or booleans, kept outside of the policy's memory.
---@class Map
---@field [integer] number|boolean|nil
---@operator len: integer
local Map = {}
---In the order of insertion.
---@return fun(): integer, number|boolean
function Map:each() end

---@return Map
function map() end

---`*` is any text, `?` any one byte.
---@param text string
---@param glob string
---@return boolean
function match(text, glob) end

---A line for the policy's report; the last 64 are kept.
---@param ... any
function log(...) end

-- For tests (NAME.test.lua) -----------------------------------------------------------------------

---A test in virtual time: options, and a timeline of what comes in and what must go out.
---@param name string
---@param options table<string, any>
---@param timeline string
function test(name, options, timeline) end
