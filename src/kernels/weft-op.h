/* weft-op.h: operations, their registry, and the kernel ABI
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An operation is a name, a version, a signature and a kernel. Graphs name operations; an engine
 * resolves the names against a registry when a segment is attached, so a graph file means the same
 * wherever an operation of that name and version is known (also on a Dask cluster, through the Python
 * module's own table).
 *
 * A call's positional and keyword arguments are bound to the signature once per call, as Python binds
 * them; a kernel sees one flat array: args[i] is parameter i, defaults filled in; the values of a
 * variadic last parameter follow from its index on. Where all arguments are just the inputs in order,
 * that array *is* the inputs and nothing is copied.
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
 * Returns: WEFT_OK, or a failure whose message was set with weft_task_fail(); on failure results are
 *   cleared by the engine
 */
typedef WeftStatus (*WeftKernelFunc) (WeftTask *task, const WeftValue *args, uint32_t n_args,
                                      WeftValue *results);

typedef enum
{
  WEFT_OP_PURE = 1 << 0,       /* same arguments, same result, no effects: may be culled, inlined,
                                  kept and resumed */
  WEFT_OP_BLOCKING = 1 << 1,   /* mostly waits (sleep, I/O, exec) */
  WEFT_OP_RUNTIME = 1 << 2,    /* needs a foreign runtime: runs inside the batch hooks */
  WEFT_OP_CHEAP = 1 << 3,      /* cheaper than a task's overhead: the inline pass may fold it */
  WEFT_OP_EXTERNAL = 1 << 4,   /* starts programs or touches files: never run on opening a file */
  WEFT_OP_VARIABLE_OUTPUTS = 1 << 5, /* the call says how many outputs there are */
} WeftOpFlags;

/* Types a parameter takes: bit (1 << WeftType). */
#define WEFT_ACCEPT(type) (1u << (type))
#define WEFT_ACCEPT_ANY 0xffffffffu
#define WEFT_ACCEPT_NUMBER                                                                        \
  (WEFT_ACCEPT (WEFT_TYPE_INT64) | WEFT_ACCEPT (WEFT_TYPE_FLOAT64) | WEFT_ACCEPT (WEFT_TYPE_BOOL))

typedef struct
{
  const char *name;
  uint32_t accepts;     /* WEFT_ACCEPT… bits; constants are checked before anything runs */
  bool required;
  WeftValue fallback;   /* when not required and not given; unboxed values only */
  const char *doc;      /* one line */
} WeftOpParam;

struct _WeftOp
{
  const char *name;           /* unique in a registry: "add", "file.read" */
  uint32_t version;           /* from 1; raised when results change */
  const char *doc;            /* first line: what it does; then details */
  const WeftOpParam *params;  /* n_params */
  uint32_t n_params;
  bool variadic;              /* the last parameter takes any number of values, also none */
  uint32_t n_outputs;         /* 1 mostly; at least 1 */
  uint32_t flags;             /* WeftOpFlags */
  int64_t cost_hint_ns;       /* typical, for ETA before anything was measured; 0 unknown */
  WeftKernelFunc kernel;
  void *user_data;            /* weft_task_user_data() */
  const WeftRuntime *runtime; /* (nullable): with WEFT_OP_RUNTIME */
  void *reserved[4];          /* NULL: room for later fields, so that plug-ins keep working */
};

/* ---- registry --------------------------------------------------------------------------------- */

#define WEFT_OP_ERROR (weft_op_error_quark ())
WEFT_API GQuark weft_op_error_quark (void);

typedef enum
{
  WEFT_OP_ERROR_DUPLICATE,
  WEFT_OP_ERROR_INVALID,   /* a signature that contradicts itself */
  WEFT_OP_ERROR_PLUGIN,    /* cannot be loaded, or made for another ABI */
} WeftOpError;

/* A registry with the built-in operations. Each engine has one; no global table. */
WEFT_API WeftOpRegistry *weft_op_registry_new (void);
WEFT_API WeftOpRegistry *weft_op_registry_ref (WeftOpRegistry *registry);
WEFT_API void weft_op_registry_unref (WeftOpRegistry *registry);

/* Adds n_ops operations; the structs are copied, what they point to must outlive the registry. Any
 * thread; operations are never taken away, so a found WeftOp stays valid. */
WEFT_API bool weft_op_registry_add (WeftOpRegistry *registry, const WeftOp *ops, size_t n_ops,
                                    GError **error);
/* Foreign classes that values of these operations may have, for decoding. As above. */
WEFT_API bool weft_op_registry_add_classes (WeftOpRegistry *registry,
                                            const WeftForeignClass *const *classes,
                                            size_t n_classes, GError **error);
/* All of them: a snapshot that stays valid while the registry lives. */
WEFT_API const WeftForeignClasses *weft_op_registry_classes (WeftOpRegistry *registry);
/* Returns: (nullable). @version 0: any */
WEFT_API const WeftOp *weft_op_registry_find (WeftOpRegistry *registry, const char *name,
                                              uint32_t version);
/* Returns: (transfer full) (nullable): the nearest name, for "did you mean" */
WEFT_API char *weft_op_registry_suggest (WeftOpRegistry *registry, const char *name);
typedef void (*WeftOpFunc) (const WeftOp *op, void *data);
WEFT_API void weft_op_registry_foreach (WeftOpRegistry *registry, WeftOpFunc func, void *data);

/* A plug-in is a shared object that exports this. Returns %FALSE after setting @error. */
typedef bool (*WeftPluginRegisterFunc) (WeftOpRegistry *registry, uint32_t abi_version,
                                        GError **error);
#define WEFT_PLUGIN_SYMBOL "weft_plugin_register"
/* Loads it for good (a plug-in is never unloaded while the registry lives). */
WEFT_API bool weft_op_registry_load (WeftOpRegistry *registry, const char *path, GError **error);

/* ---- what a kernel may ask of its context ------------------------------------------------------ */

WEFT_API void *weft_task_user_data (WeftTask *task);
/* A dense index, used again after a worker is gone: below the pool's size plus its spares. */
WEFT_API uint32_t weft_task_worker (WeftTask *task);
WEFT_API uint32_t weft_task_attempt (WeftTask *task); /* from 1 */
WEFT_API uint32_t weft_task_n_outputs (WeftTask *task);
/* Writes the key as weft_graph_key() does. */
WEFT_API size_t weft_task_key (WeftTask *task, char *buffer, size_t size);

/* Whether the task should give up (run cancelled, its deadline passed). Cheap: poll it often. */
WEFT_API bool weft_task_is_cancelled (WeftTask *task);
/* CLOCK_MONOTONIC ns, INT64_MAX without a timeout. */
WEFT_API int64_t weft_task_deadline_ns (WeftTask *task);
/* A file descriptor that becomes readable on cancel or deadline, for poll(); -1 when out of them.
 * Owned by the context. */
WEFT_API int weft_task_cancel_fd (WeftTask *task);

/* Sets the error message (printf), truncated at 4 KiB. Returns: WEFT_FAILED, to be returned */
WEFT_API WeftStatus weft_task_fail (WeftTask *task, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The same with more to say: @kind groups like failures ("ValueError"), @detail (nullable) is a
 * traceback, @exception (nullable) a value to raise again elsewhere (its reference is taken over). */
WEFT_API WeftStatus weft_task_fail_with (WeftTask *task, const char *kind, const char *message,
                                         const char *detail, WeftValue *exception);

/* Memory that lives until the kernel returns, 16-byte aligned, not cleared; %NULL when out. */
WEFT_API void *weft_task_scratch (WeftTask *task, size_t n_bytes);
/* The account new buffers of this task are charged to. */
WEFT_API WeftAccount *weft_task_account (WeftTask *task);
/* A buffer of recycled memory charged to the run. Returns: (transfer full) (nullable) */
WEFT_API WeftBuffer *weft_task_buffer (WeftTask *task, size_t n_bytes);

/* 64 random bits of the task's own stream: depends on the run's seed, the key and the attempt only,
 * not on the worker. */
WEFT_API uint64_t weft_task_random (WeftTask *task);

/**
 * weft_task_steal:
 * @arg: one of @args, or an item of a list among them
 * @value: (out): holds the reference on success, untouched otherwise
 *
 * Takes an input over for in-place work, when this task is its last consumer, nobody holds its result
 * and the box has no other reference; a box whose buffer is shared is not given either. Nor is
 * anything given while another attempt of the task is possible (retries left, a timeout), as the next
 * attempt would find its input gone or half changed. A stolen item of a list becomes none there.
 *
 * Returns: whether it was taken; else copy
 */
WEFT_API bool weft_task_steal (WeftTask *task, const WeftValue *arg, WeftValue *value);

/* Bytes a program or kernel printed: recorded as the task's output. @stream: 1 or 2 */
WEFT_API void weft_task_log (WeftTask *task, int stream, const char *bytes, size_t n_bytes);

/* CPU, memory and I/O of a child process that ended, added to the run's samples. */
WEFT_API void weft_task_account_child (WeftTask *task, int64_t cpu_ns, int64_t max_rss_bytes,
                                       int64_t read_bytes, int64_t written_bytes);
