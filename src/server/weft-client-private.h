/* weft-client-private.h: what client*.c share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   thread ──▶ ring ──▶ sender ──▶ messages ──▶ socket, or run file
 *
 * Each thread that reports has a ring of entries of its own: one producer, one consumer, a count of
 * what was put in and one of what was taken. An entry is a span that ended, or a point. Spans that
 * are open stand in the thread's *slots*, by depth, where the sender can see them too. The sender,
 * one thread for each client, takes the entries, gives numbers to tasks that have none yet, and
 * packs messages of kinds 259 to 262 (data/doc/protocol.md, section 6).
 *
 * Locks: registry (all clients of the process: open, close, fork, a thread's end), then a client's
 * own (groups, tasks, threads). Neither is taken between a begin and an end.
 *
 * Life: a thread's data is held by the client and by the thread, and goes with the last of them.
 * The client's first part stays for ever, quiet, so that whoever comes late does no harm.
 */
#pragma once

#include "server/weft-client.h"
#include "server/weft-dial-private.h"

#include "base/weft-clock.h"
#include "base/weft-intern-private.h"
#include "trace/weft-record.h"

#include <pthread.h>
#include <stdatomic.h>

/* Spans that may be open in one thread. Deeper ones are dropped. */
#define WEFT_CLIENT_DEPTH 256
/* What begin takes: a task's number here, or with this bit a group's. */
#define WEFT_CLIENT_IS_GROUP 0x80000000u

typedef enum
{
  WEFT_CLIENT_ENTRY_SPAN,
  WEFT_CLIENT_ENTRY_FAILED, /* amount: a WeftClientFailure */
  WEFT_CLIENT_ENTRY_READY,
  WEFT_CLIENT_ENTRY_RELEASED,
  WEFT_CLIENT_ENTRY_CANCELLED,
} WeftClientEntryKind;

/* In ticks. */
typedef struct
{
  uint64_t start;
  uint64_t end;
  uint64_t amount;
  uint32_t what;
  uint8_t kind;
  uint8_t depth;
  uint16_t reserved;
} WeftClientEntry;

_Static_assert(sizeof (WeftClientEntry) == 32, "two entries a cache line");

/* (owned) by its entry */
typedef struct
{
  char *kind;    /* (nullable) */
  char *message; /* (nullable) */
} WeftClientFailure;

/* An open span. The owner clears start, writes what, then start: whoever reads the same start
 * before and after has its what. */
typedef struct
{
  _Atomic uint64_t start; /* atomic: release by the thread, acquire by the sender; 0: none */
  _Atomic uint32_t what;  /* likewise */
} WeftClientSlot;

/* A task's number on the wire, given before its span ended. */
typedef struct
{
  uint64_t start;
  uint64_t index; /* in its group */
  uint32_t number;
} WeftClientNumbered;

typedef struct _WeftClientThread WeftClientThread;
struct _WeftClientThread
{
  /* owner: thread */
  WEFT_ALIGNED_LINE WeftClient *client; /* immutable while the thread owns it */
  WeftClientEntry *entries;             /* immutable: mask + 1 */
  uint64_t put;                         /* as in n_put */
  uint64_t taken;                       /* as n_taken was when last looked */
  uint64_t last_start;                  /* starts differ */
  uint32_t mask;                        /* immutable */
  uint32_t n_open;                      /* as in depth */
  WeftClockSource source;               /* immutable */
  WeftClientThread *next_owned;         /* of the thread, of other clients */
  /* written by the thread */
  WEFT_ALIGNED_LINE _Atomic uint64_t
      n_put;                  /* atomic: release by the thread, acquire by the sender */
  _Atomic uint64_t n_dropped; /* atomic: relaxed */
  _Atomic uint32_t depth;     /* atomic: likewise release, acquire */
  /* written by the sender */
  WEFT_ALIGNED_LINE _Atomic uint64_t n_taken; /* atomic: release by the sender, acquire by thread */
  /* shared, rarely */
  _Atomic uint32_t n_refs; /* atomic: acquire-release */
  _Atomic bool left;       /* atomic: release by the thread at its end, acquire by the sender */
  uint64_t os_thread;      /* lock: the client's */
  bool is_left;            /* lock: likewise: nobody's, and all is taken */
  char *name;              /* (nullable) lock: the client's */
  /* owner: sender */
  uint64_t seen;         /* n_put, in this round */
  bool seen_left;        /* its thread is gone */
  uint32_t lane;         /* 0: not told yet */
  uint64_t told_running; /* start of what its lane was said to run; 0: nothing */
  WeftClientNumbered numbered[WEFT_CLIENT_DEPTH];
  WeftClientSlot slots[WEFT_CLIENT_DEPTH];
};

/* How ticks become nanoseconds, piece by piece: a piece is never changed once it is there, so that
 * a stamp is always the same moment, and each goes on where the one before has come to. */
typedef struct
{
  GArray *pieces; /* WeftClockMap: by anchor_ticks */
} WeftClientClock;

/* What was said of tasks and not sent yet. */
typedef struct
{
  GByteArray *keys; /* u32 length, bytes; as in the message */
  uint32_t n;       /* keys */
  GArray *inputs;   /* uint32_t: task, input; our numbers */
  GString *lines;   /* events as lines */
} WeftClientSaid;

typedef struct
{
  char *name;
  uint64_t n;    /* tasks it has had. owner: sender */
  bool is_split; /* immutable: the server makes the group of its keys by itself */
} WeftClientGroup;

typedef struct _WeftClientOut WeftClientOut;

struct _WeftClient
{
  _Atomic uint32_t listening; /* atomic: relaxed; first, as the inline functions read it */
  uint32_t ring_size;         /* immutable, as are those up to the lock */
  uint32_t wait_ms;
  WeftClockSource source;
  char *name, *worker, *run_source, *address, *file;
  _Atomic uint32_t wake; /* atomic: a futex: 1: the sender is to look at once */
  pthread_t sender;
  bool has_sender;
  bool is_forked;   /* it is a parent's */
  WeftClient *next; /* lock: registry */

  pthread_mutex_t lock;
  pthread_cond_t flushed;
  GPtrArray *threads;         /* lock: WeftClientThread * */
  GPtrArray *left;            /* lock: of these, those that are is_left */
  GPtrArray *groups;          /* lock: WeftClientGroup * */
  GHashTable *group_ids;      /* lock: name → number + 1 */
  WeftIntern keys;            /* lock: of weft_client_task() */
  WeftClientSaid said;        /* lock */
  uint64_t flush_asked;       /* lock */
  uint64_t flush_done;        /* lock */
  bool sender_gone;           /* lock: it sends nothing any more */
  _Atomic int closing;        /* atomic: relaxed: phase + 1; 0: not yet */
  _Atomic uint64_t n_dropped; /* atomic: relaxed; beside those of threads */

  pthread_mutex_t request_lock;
  WeftDial *requests; /* (nullable) lock: request */

  WeftClientOut *out; /* owner: sender, once it runs */
};

static inline WeftClientFailure *
_weft_client_failure (const WeftClientEntry *entry)
{
  return (WeftClientFailure *) (uintptr_t) entry->amount;
}

/* client.c: the sender looks at once what there is. Any thread, without a lock. */
void _weft_client_wake (WeftClient *client);
/* Nobody listens any more: it says nothing from now on. */
void _weft_client_quiet (WeftClient *client);

/* client-threads.c */
void _weft_client_failure_free (WeftClientFailure *failure);
WeftClientThread *_weft_client_thread_ref (WeftClientThread *thread);
void _weft_client_thread_unref (WeftClientThread *thread);
/* (nullable): the calling thread's, made if need be */
WeftClientThread *_weft_client_thread (WeftClient *client);

/* client-clock.c */
void _weft_client_clock_init (WeftClientClock *clock);
void _weft_client_clock_clear (WeftClientClock *clock);
/* Another piece, if it is time. No stamp of this moment or later may have been asked for. */
void _weft_client_clock_step (WeftClientClock *clock);
/* Of CLOCK_MONOTONIC. */
uint64_t _weft_client_clock_ns (const WeftClientClock *clock, uint64_t ticks);

/* client-sender.c: FALSE: errno says why */
bool _weft_client_start_sender (WeftClient *client);

/* client-tasks.c: UTF-8, cut where it is longer than a server takes */
char *_weft_client_dup_valid (const char *text, size_t most_bytes);
void _weft_client_said_init (WeftClientSaid *said);
void _weft_client_said_clear (WeftClientSaid *said);
