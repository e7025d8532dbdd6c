/* weft-client.h: a program of one's own reports what its tasks do
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For C, C++ and, as all signatures are plain integers and pointers, Fortran. In a dozen lines:
 *
 *   WeftClientOptions options = { .name = "simulation" };
 *   WeftClient *client = weft_client_open (&options, NULL);
 *   uint32_t step = weft_client_group (client, "step");
 *
 *   … in any thread, as often as wanted …
 *   WeftClientSpan span = weft_client_begin (client, step);
 *   work ();
 *   weft_client_end (client, span, n_bytes_of_its_result);
 *
 *   weft_client_close (client, WEFT_CLIENT_DONE);
 *
 * The tasks appear as step-0, step-1 … where a Weftline window is open, or `weftline serve` runs,
 * each in the row of the thread that ran it. Where nobody listens a begin and an end cost a load
 * and two branches. Somebody listens: two readings of the clock and some 10 ns; no lock, no
 * allocation, and never a wait: what the other side does not take in time is dropped and counted.
 *
 * A span is ended by the thread that began it. Spans of a thread may lie within each other.
 *
 * Everywhere a client may be %NULL, which is one that nobody listens to; a child of fork() has
 * nobody either. Where the server goes away in the middle, the client goes quiet.
 *
 * data/doc/client.md has more, and the lines for C++ and Fortran.
 */
#pragma once

#include "base/weft-base.h"

G_BEGIN_DECLS

typedef struct _WeftClient WeftClient;

/* A task that was begun; 0: nobody listens. */
typedef uint64_t WeftClientSpan;

#define WEFT_CLIENT_ERROR (weft_client_error_quark ())
/**
 * weft_client_error_quark:
 *
 * Returns: the error domain of #WeftClientError
 */
WEFT_API GQuark weft_client_error_quark (void);

typedef enum
{
  WEFT_CLIENT_ERROR_NOBODY,  /* nobody listens at the address */
  WEFT_CLIENT_ERROR_REFUSED, /* another user's server, another protocol, too many clients … */
  WEFT_CLIENT_ERROR_LOST,    /* the connection ended, or nothing came for too long */
  WEFT_CLIENT_ERROR_ANSWER,  /* the server's own word: its code and message */
  WEFT_CLIENT_ERROR_FILE,    /* the file cannot be made */
  WEFT_CLIENT_ERROR_SYSTEM,  /* no thread, no descriptors */
} WeftClientError;

/* How a run ended. */
typedef enum
{
  WEFT_CLIENT_DONE = 0,
  WEFT_CLIENT_FAILED = 1,
  WEFT_CLIENT_CANCELLED = 2,
} WeftClientPhase;

/* What a sample of memory is of. */
typedef enum
{
  WEFT_CLIENT_MANAGED = 0,  /* results that are kept */
  WEFT_CLIENT_SPILLED = 1,  /* on disk */
  WEFT_CLIENT_RESIDENT = 2, /* of the process */
  WEFT_CLIENT_LIMIT = 3,
} WeftClientMemory;

/**
 * WeftClientOptions:
 * @name: (nullable): of the run; %NULL: the program's
 * @worker: (nullable): of this process in the run, as “rank 3”; %NULL: the program's name
 * @source: (nullable): who runs it, a word: “openmp”; %NULL: “client”
 * @address: (nullable): path of the server's socket; %NULL: the variable WEFTLINE_ADDRESS of the
 *   environment, or where a server of this user listens
 * @file: (nullable): where to record, if nobody listens: a run file
 * @ring_spans: how many spans a thread may be ahead of what was sent, rounded up to a power of 2;
 *   0: 16,384, which take 512 KiB for each thread that reports
 * @wait_ms: how long open, close and flush may take in all if the server does not answer; 0: 2 s
 * @requests_only: no run is reported; for weft_client_request()
 *
 * Zero-initialise and fill in what is wanted. Texts are UTF-8.
 */
typedef struct
{
  const char *name;
  const char *worker;
  const char *source;
  const char *address;
  const char *file;
  uint32_t ring_spans;
  uint32_t wait_ms;
  bool requests_only;
  void *reserved[4]; /* NULL */
} WeftClientOptions;

/**
 * weft_client_open:
 * @options: (nullable): copied; %NULL: all zero
 * @error: of WEFT_CLIENT_ERROR
 *
 * Connects, and starts a thread that sends. If nobody listens that is no error: the client is
 * quiet, or records to options->file. Of a client for requests only it is one.
 *
 * Returns: (transfer full) (nullable): %NULL with an error, which may be ignored: all functions
 *   take it as a quiet client
 */
WEFT_API WeftClient *weft_client_open (const WeftClientOptions *options, GError **error);

/**
 * weft_client_open_as:
 * @name: (nullable): as in #WeftClientOptions, as are the others
 * @worker: (nullable):
 * @file: (nullable):
 *
 * weft_client_open() for languages that have no C structs at hand.
 *
 * Returns: (transfer full) (nullable): %NULL if it could not be opened
 */
WEFT_API WeftClient *weft_client_open_as (const char *name, const char *worker, const char *file);

/**
 * weft_client_close:
 * @client: (nullable)
 * @phase: a #WeftClientPhase
 *
 * What was said before is sent, and the run ends. A program that ends without it leaves the run
 * interrupted. By one thread, once. Other threads may go on: the client is quiet from now on, and
 * the few hundred bytes that are left of it stay.
 */
WEFT_API void weft_client_close (WeftClient *client, int phase);

/**
 * weft_client_flush:
 * @client: (nullable)
 *
 * Waits until what the calling thread has said is sent, or written to the file. Nobody needs it:
 * what was said is sent within 50 ms. Any thread.
 *
 * Returns: whether it was; %FALSE: nobody listens (any more), or options->wait_ms passed
 */
WEFT_API bool weft_client_flush (WeftClient *client);

/**
 * weft_client_dropped:
 * @client: (nullable)
 *
 * Any thread.
 *
 * Returns: how many spans were dropped so far, for want of room or because the server went away
 */
WEFT_API uint64_t weft_client_dropped (const WeftClient *client);

/* ---- tasks ----------------------------------------------------------------------------------- */

/**
 * weft_client_group:
 * @client: (nullable)
 * @name: UTF-8
 *
 * What weft_client_begin() takes for tasks without names: their keys are made of the group's and a
 * number, as name-0, name-1. Equal names give the same. Takes a lock: once before a loop, not in
 * it. Any thread.
 */
WEFT_API uint32_t weft_client_group (WeftClient *client, const char *name);

/**
 * weft_client_task:
 * @client: (nullable)
 * @key: UTF-8. Equal keys give the same task
 * @inputs: (array length=n_inputs) (nullable): tasks whose results it reads, as this function
 *   returned them
 * @n_inputs: how many
 *
 * A task of a program that knows its graph. Takes a lock. Any thread.
 *
 * Returns: what weft_client_begin() takes for this task
 */
WEFT_API uint32_t weft_client_task (WeftClient *client, const char *key, const uint32_t *inputs,
                                    uint32_t n_inputs);

/**
 * weft_client_span_begin:
 * @client: (nullable)
 * @what: of weft_client_group() or weft_client_task()
 *
 * weft_client_begin() as a function that can be linked.
 *
 * Returns: for weft_client_span_end(); 0: nobody listens
 */
WEFT_API WeftClientSpan weft_client_span_begin (WeftClient *client, uint32_t what);

/**
 * weft_client_span_end:
 * @client: (nullable)
 * @span: 0 does nothing
 * @n_bytes: of the task's result; 0: none, or not known
 *
 * weft_client_end() as a function that can be linked.
 */
WEFT_API void weft_client_span_end (WeftClient *client, WeftClientSpan span, uint64_t n_bytes);

/**
 * weft_client_fail:
 * @client: (nullable)
 * @span: 0 does nothing
 * @kind: (nullable): a word: “std::bad_alloc”
 * @message: (nullable):
 *
 * The task ends, and has failed. By the thread that began it.
 */
WEFT_API void weft_client_fail (WeftClient *client, WeftClientSpan span, const char *kind,
                                const char *message);

/**
 * weft_client_ready:
 * @client: (nullable)
 * @task: of weft_client_task()
 *
 * All that it waited for is there. Without a lock. Any thread.
 */
WEFT_API void weft_client_ready (WeftClient *client, uint32_t task);

/**
 * weft_client_release:
 * @client: (nullable)
 * @task: of weft_client_task()
 *
 * Its result is no longer kept. Without a lock. Any thread.
 */
WEFT_API void weft_client_release (WeftClient *client, uint32_t task);

/**
 * weft_client_cancel:
 * @client: (nullable)
 * @task: of weft_client_task()
 *
 * It will not run. Without a lock. Any thread.
 */
WEFT_API void weft_client_cancel (WeftClient *client, uint32_t task);

/* ---- threads and the process ----------------------------------------------------------------- */

/**
 * weft_client_name_thread:
 * @client: (nullable)
 * @name: UTF-8
 *
 * What to call the calling thread; before its first span, else it comes too late. Without it
 * threads are numbered in the order of their first spans.
 */
WEFT_API void weft_client_name_thread (WeftClient *client, const char *name);

/**
 * weft_client_memory:
 * @client: (nullable)
 * @what: a #WeftClientMemory
 *
 * A sample, of now. Takes a lock. Any thread.
 */
WEFT_API void weft_client_memory (WeftClient *client, int what, uint64_t n_bytes);

/**
 * weft_client_annotate:
 * @client: (nullable)
 * @text: UTF-8; at most 64 KiB are kept
 *
 * Marks this moment of the run: “the second half begins”. Takes a lock. Any thread.
 */
WEFT_API void weft_client_annotate (WeftClient *client, const char *text);

/* ---- requests -------------------------------------------------------------------------------- */

/**
 * weft_client_request:
 * @client: (nullable):
 * @json: an object as protocol.md has it, without “id”: {"do": "runs"}
 * @answer: (out) (transfer full) (optional): the object “ok” of the answer, freed with g_free()
 * @error: of WEFT_CLIENT_ERROR; @answer is untouched then
 *
 * Asks the server and waits for the answer, on a connection of its own. Any thread, one at a time.
 *
 * Returns: whether the answer is “ok”
 */
WEFT_API bool weft_client_request (WeftClient *client, const char *json, char **answer,
                                   GError **error);

/* ---- the hot path ---------------------------------------------------------------------------- */

/* Whether anybody listens: the client's first word. Any thread. */
static inline bool
weft_client_is_listening (const WeftClient *client)
{
  return client != NULL && __atomic_load_n ((const uint32_t *) client, __ATOMIC_RELAXED) != 0;
}

/* The calling thread begins a task. @what: of weft_client_group() or weft_client_task(). */
static inline WeftClientSpan
weft_client_begin (WeftClient *client, uint32_t what)
{
  return WEFT_UNLIKELY (weft_client_is_listening (client)) ? weft_client_span_begin (client, what)
                                                           : 0;
}

/* It ends, on the same thread. @n_bytes: of its result; 0: none, or not known. */
static inline void
weft_client_end (WeftClient *client, WeftClientSpan span, uint64_t n_bytes)
{
  if (WEFT_UNLIKELY (span != 0))
    weft_client_span_end (client, span, n_bytes);
}

G_END_DECLS
