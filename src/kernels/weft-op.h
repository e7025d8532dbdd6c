/* weft-op.h: operations, their registry, and the kernel ABI
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An operation is a name, a version, a signature and a kernel. Graphs name operations; an engine
 * resolves the names against a registry when a segment is attached, so a graph file means the same
 * wherever an operation of that name and version is known (also on a Dask cluster, through the
 * Python module's own table).
 *
 * A call's positional and keyword arguments are bound to the signature once per call, as Python
 * binds them; a kernel sees one flat array: args[i] is parameter i, defaults filled in; the values
 * of a variadic last parameter follow from its index on. Where all arguments are just the inputs in
 * order, that array *is* the inputs and nothing is copied.
 */
#pragma once

#include "store/weft-codec.h"
#include "store/weft-runtime.h"
#include "store/weft-value.h"

#define WEFT_ABI_VERSION 1

typedef struct _WeftTask WeftTask; /* the context a kernel gets; lives while the kernel runs */
typedef struct _WeftOpRegistry WeftOpRegistry;
typedef struct _WeftOp WeftOp;

/**
 * WeftKernelFunc:
 * @task: context; only this thread, only during the call
 * @args: bound arguments, borrowed; read only unless stolen
 * @n_args: at least the signature's parameter count (more with a variadic one)
 * @results: n_outputs EMPTY values; on WEFT_OK each must hold one reference
 *
 * Returns: WEFT_OK, or a failure whose message was set with weft_task_fail(); on failure results
 *   are cleared by the engine
 */
typedef WeftStatus (*WeftKernelFunc) (WeftTask *task, const WeftValue *args, uint32_t n_args,
                                      WeftValue *results);

typedef enum
{
  WEFT_OP_PURE = 1 << 0,     /* same arguments, same result, no effects (draws no random numbers):
                                  may be culled, inlined, kept and resumed */
  WEFT_OP_BLOCKING = 1 << 1, /* mostly waits (sleep, I/O, exec): said to people. To the engine it is
                                  an operation like any other, which keeps its worker meanwhile */
  WEFT_OP_RUNTIME = 1 << 2,  /* needs a foreign runtime: runs inside the batch hooks */
  WEFT_OP_CHEAP = 1 << 3,    /* cheaper than a task's overhead: the inline pass may fold it */
  WEFT_OP_EXTERNAL = 1 << 4, /* starts programs or touches files: never run on opening a file */
  WEFT_OP_VARIABLE_OUTPUTS = 1 << 5, /* the call says how many outputs there are */
} WeftOpFlags;

/* Types a parameter takes: bit (1 << WeftType). */
#define WEFT_ACCEPT(type) (1u << (type))
#define WEFT_ACCEPT_ANY 0xffffffffu
#define WEFT_ACCEPT_NUMBER \
  (WEFT_ACCEPT (WEFT_TYPE_INT64) | WEFT_ACCEPT (WEFT_TYPE_FLOAT64) | WEFT_ACCEPT (WEFT_TYPE_BOOL))

typedef struct
{
  const char *name;
  uint32_t accepts; /* WEFT_ACCEPT… bits; constants are checked before anything runs */
  bool required;
  WeftValue fallback; /* when not required and not given; unboxed values only */
  const char *doc;    /* one line */
  uint64_t reserved;  /* 0: room for how a parameter may be given */
} WeftOpParam;

struct _WeftOp
{
  const char *name;          /* unique in a registry: "add", "file.read" */
  uint32_t version;          /* from 1; raised when results change */
  const char *doc;           /* first line: what it does; then details */
  const WeftOpParam *params; /* n_params */
  uint32_t n_params;
  bool variadic;        /* the last parameter takes any number of values, also none */
  uint32_t n_outputs;   /* 1 mostly; at least 1 */
  uint32_t flags;       /* WeftOpFlags */
  int64_t cost_hint_ns; /* typical, for ETA before anything was measured; 0 unknown */
  WeftKernelFunc kernel;
  void *user_data;            /* weft_task_user_data() */
  const WeftRuntime *runtime; /* (nullable): with WEFT_OP_RUNTIME */
  void *reserved[4];          /* NULL: room for later fields, so that plug-ins keep working */
};

/* ---- registry -------------------------------------------------------------------------------- */

#define WEFT_OP_ERROR (weft_op_error_quark ())
/**
 * weft_op_error_quark:
 *
 * Returns: the error domain of #WeftOpError
 */
WEFT_API GQuark weft_op_error_quark (void);

typedef enum
{
  WEFT_OP_ERROR_DUPLICATE,
  WEFT_OP_ERROR_INVALID, /* a signature that contradicts itself */
  WEFT_OP_ERROR_PLUGIN,  /* cannot be loaded, or made for another ABI */
} WeftOpError;

/**
 * weft_op_registry_new:
 *
 * Each engine has a registry; there is no global table.
 *
 * Returns: (transfer full): one with the built-in operations
 */
WEFT_API WeftOpRegistry *weft_op_registry_new (void);

/**
 * weft_op_registry_ref:
 *
 * Any thread.
 *
 * Returns: (transfer full): @registry
 */
WEFT_API WeftOpRegistry *weft_op_registry_ref (WeftOpRegistry *registry);

/**
 * weft_op_registry_unref:
 * @registry: (nullable) (transfer full)
 *
 * Gives a reference back; the last one frees the registry and every WeftOp found in it. Plug-ins
 * stay loaded. Any thread.
 */
WEFT_API void weft_op_registry_unref (WeftOpRegistry *registry);

/**
 * weft_op_registry_add:
 * @ops: (array length=n_ops): copied; what they point to must outlive the registry
 *
 * Adds all of them or none. Operations are never taken away, so a found WeftOp stays valid. Any
 * thread. Errors: INVALID for a signature that contradicts itself, DUPLICATE for a name and version
 * that is there already.
 *
 * Returns: whether they were added
 */
WEFT_API bool weft_op_registry_add (WeftOpRegistry *registry, const WeftOp *ops, size_t n_ops,
                                    GError **error);

/**
 * weft_op_registry_add_classes:
 * @classes: (array length=n_classes): not copied, must outlive the registry
 *
 * Adds foreign classes that values of these operations may have, for decoding: all or none. Any
 * thread. Errors: INVALID for one without name or release function, DUPLICATE for a known name.
 *
 * Returns: whether they were added
 */
WEFT_API bool weft_op_registry_add_classes (WeftOpRegistry *registry,
                                            const WeftForeignClass *const *classes,
                                            size_t n_classes, GError **error);

/**
 * weft_op_registry_classes:
 *
 * Any thread.
 *
 * Returns: (transfer none): all classes added so far: a snapshot that stays valid while the
 *   registry lives
 */
WEFT_API const WeftForeignClasses *weft_op_registry_classes (WeftOpRegistry *registry);

/**
 * weft_op_registry_find:
 * @name: of the operation
 * @version: 0: the newest
 *
 * Any thread.
 *
 * Returns: (transfer none) (nullable): %NULL when there is none of that name and version
 */
WEFT_API const WeftOp *weft_op_registry_find (WeftOpRegistry *registry, const char *name,
                                              uint32_t version);

/**
 * weft_op_registry_suggest:
 * @name: one that is not there
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): the nearest name, for "did you mean"; %NULL when none is
 *   near
 */
WEFT_API char *weft_op_registry_suggest (WeftOpRegistry *registry, const char *name);
typedef void (*WeftOpFunc) (const WeftOp *op, void *data);

/**
 * weft_op_registry_foreach:
 * @func: (scope call): called without a lock held, so it may use the registry
 * @data: for @func
 *
 * Calls @func for every operation there is now, sorted by name, then version. Any thread.
 */
WEFT_API void weft_op_registry_foreach (WeftOpRegistry *registry, WeftOpFunc func, void *data);

/* A plug-in is a shared object that exports this. Returns %FALSE after setting @error. */
typedef bool (*WeftPluginRegisterFunc) (WeftOpRegistry *registry, uint32_t abi_version,
                                        GError **error);
#define WEFT_PLUGIN_SYMBOL "weft_plugin_register"
/* Put this once into a plug-in, outside of functions: it is then refused with a clear message,
 * before any of its code runs, where the ABI is another one. */
#define WEFT_PLUGIN_ABI \
  __attribute__ ((visibility ("default"))) const uint32_t weft_plugin_abi_version = WEFT_ABI_VERSION
#define WEFT_PLUGIN_ABI_SYMBOL "weft_plugin_abi_version"

/**
 * weft_op_registry_load:
 * @path: of the shared object; one without a slash is looked for in the current folder
 *
 * Loads a plug-in for good: it is never unloaded, as values of its classes may outlive the
 * registry. Loading it again does nothing. Any thread.
 *
 * Returns: %FALSE with an error of WEFT_OP_ERROR_PLUGIN, or the one that the plug-in set;
 *   operations it had added before it failed stay
 */
WEFT_API bool weft_op_registry_load (WeftOpRegistry *registry, const char *path, GError **error);

/* ---- what a kernel may ask of its context ---------------------------------------------------- */

/**
 * weft_task_user_data:
 *
 * Returns: (transfer none) (nullable): user_data of the task's operation
 */
WEFT_API void *weft_task_user_data (WeftTask *task);

/**
 * weft_task_worker:
 *
 * Returns: a dense index of the worker, used again after a worker is gone: below the pool's size
 *   plus its spares
 */
WEFT_API uint32_t weft_task_worker (WeftTask *task);

/**
 * weft_task_attempt:
 *
 * Returns: which attempt of the task this is, from 1
 */
WEFT_API uint32_t weft_task_attempt (WeftTask *task);

/**
 * weft_task_n_outputs:
 *
 * Returns: how many results the kernel has to give: the operation's number, or with
 *   WEFT_OP_VARIABLE_OUTPUTS the call's
 */
WEFT_API uint32_t weft_task_n_outputs (WeftTask *task);

/**
 * weft_task_key:
 * @buffer: (nullable): at least @size bytes
 * @size: bytes of @buffer; 0 only measures
 *
 * Writes the key as weft_graph_key() does: 0-terminated, cut off to fit.
 *
 * Returns: the key's whole length in bytes, without the 0
 */
WEFT_API size_t weft_task_key (WeftTask *task, char *buffer, size_t size);

/**
 * weft_task_is_cancelled:
 *
 * Cheap: poll it often in long kernels.
 *
 * Returns: whether the task should give up (run cancelled, its deadline passed)
 */
WEFT_API bool weft_task_is_cancelled (WeftTask *task);

/**
 * weft_task_deadline_ns:
 *
 * Returns: when the task's timeout passes, in nanoseconds of CLOCK_MONOTONIC; INT64_MAX without a
 *   timeout
 */
WEFT_API int64_t weft_task_deadline_ns (WeftTask *task);

/**
 * weft_task_cancel_fd:
 *
 * Gives a file descriptor that becomes readable on cancel or deadline, for poll(). It belongs to
 * the context: neither read nor close it.
 *
 * Returns: the descriptor; -1 when the process is out of them
 */
WEFT_API int weft_task_cancel_fd (WeftTask *task);

/**
 * weft_task_fail:
 * @format: printf's; the message is truncated at 4 KiB and made valid UTF-8
 *
 * Sets the error message of the task, in place of one set before.
 *
 * Returns: WEFT_FAILED, to be returned by the kernel
 */
WEFT_API WeftStatus weft_task_fail (WeftTask *task, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * weft_task_fail_with:
 * @kind: (nullable): groups like failures ("ValueError"); copied
 * @message: copied, truncated at 4 KiB
 * @detail: (nullable): a traceback; copied
 * @exception: (nullable): a value to raise again elsewhere; its reference is taken over and it is
 *   EMPTY afterwards
 *
 * The same as weft_task_fail() with more to say.
 *
 * Returns: WEFT_FAILED, to be returned by the kernel
 */
WEFT_API WeftStatus weft_task_fail_with (WeftTask *task, const char *kind, const char *message,
                                         const char *detail, WeftValue *exception);

/**
 * weft_task_scratch:
 * @n_bytes: 0 counts as 1
 *
 * Gives memory that lives until the kernel returns, 16-byte aligned, not cleared. Not to be freed.
 *
 * Returns: (transfer none) (nullable): %NULL when out of memory
 */
WEFT_API void *weft_task_scratch (WeftTask *task, size_t n_bytes);

/**
 * weft_task_account:
 *
 * Returns: (transfer none): the account that new buffers of this task are charged to
 */
WEFT_API WeftAccount *weft_task_account (WeftTask *task);

/**
 * weft_task_buffer:
 * @n_bytes: its size
 *
 * Makes a buffer of recycled memory charged to the run; its contents are undefined.
 *
 * Returns: (transfer full) (nullable): %NULL when out of memory
 */
WEFT_API WeftBuffer *weft_task_buffer (WeftTask *task, size_t n_bytes);

/**
 * weft_task_random:
 *
 * The stream is the task's own: it depends on the run's seed, the key and the attempt only, not on
 * the worker.
 *
 * Returns: its next 64 random bits
 */
WEFT_API uint64_t weft_task_random (WeftTask *task);

/**
 * weft_task_steal:
 * @arg: one of @args, or an item of a list among them
 * @value: (out): holds the reference on success, untouched otherwise
 *
 * Takes an input over for in-place work, when this task is its last consumer, nobody holds its
 * result and the box has no other reference; a box whose buffer is shared is not given either. Nor
 * is anything given while another attempt of the task is possible (retries left, a timeout), as the
 * next attempt would find its input gone or half changed; nor a result that may be spilled, nor an
 * input behind the 64th. A stolen item of a list becomes none
 * there.
 *
 * Returns: whether it was taken; else copy
 */
WEFT_API bool weft_task_steal (WeftTask *task, const WeftValue *arg, WeftValue *value);

/**
 * weft_task_log:
 * @stream: 1: standard output, 2: standard error
 * @bytes: (array length=n_bytes): copied; any bytes, also pieces of lines
 *
 * Records what a program or kernel printed as the task's output. Dropped in runs without records.
 */
WEFT_API void weft_task_log (WeftTask *task, int stream, const char *bytes, size_t n_bytes);

/**
 * weft_task_account_child:
 * @cpu_ns: user and system time, nanoseconds
 * @max_rss_bytes: its greatest resident set
 * @read_bytes: bytes it read
 * @written_bytes: bytes it wrote
 *
 * Notes what a child process that ended has used, as facts of the task's attempt. The run's samples
 * count children by themselves. Negative: unknown, counts as 0.
 */
WEFT_API void weft_task_account_child (WeftTask *task, int64_t cpu_ns, int64_t max_rss_bytes,
                                       int64_t read_bytes, int64_t written_bytes);
