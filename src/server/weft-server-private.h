/* weft-server-private.h: what the server's files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   thread   has                                              waits for
 *   loop     listeners, connections, the table of runs        sockets
 *   writer   the reports and their files (report-writer.c)    the disk
 *   others   –                                                –
 *
 * Everything crosses into the loop as a task of the hub. Objects that may be needed when the server
 * is gone (requests that nobody answered yet) hold the hub, which then drops what it is given.
 */
#pragma once

#include "server/weft-lines-private.h"
#include "server/weft-report-packed-private.h"
#include "server/weft-session-private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

typedef struct _WeftConnection WeftConnection;
typedef struct _WeftHub WeftHub;
typedef struct _WeftReportWriter WeftReportWriter;
typedef struct _WeftReported WeftReported;

/* ---- hub (hub.c) ----------------------------------------------------------------------------- */

/* @server: NULL: it is gone; what belongs to @data is to be freed */
typedef void (*WeftHubFunc) (WeftServer *server, void *data);

/* @async: woken when there is something; its loop runs _weft_hub_drain() then */
WeftHub *_weft_hub_new (WeftServer *server, uv_async_t *async);
WeftHub *_weft_hub_ref (WeftHub *hub);
void _weft_hub_unref (WeftHub *hub);
/* Any thread. */
void _weft_hub_post (WeftHub *hub, WeftHubFunc func, void *data);
void _weft_hub_drain (WeftHub *hub);
/* From now on there is no server. What waits is dropped. */
void _weft_hub_close (WeftHub *hub);

/* ---- requests that are answered later (request.c) -------------------------------------------- */

struct _WeftServerRequest
{
  WeftHub *hub;
  uint64_t connection;
  uint64_t run;
  bool takes_bytes;
  WeftSaid *said;
  /* the answer */
  char *ok_json;
  char *error_json; /* (nullable): of a client that was asked, as it stood */
  GBytes *bytes;
  WeftFault fault; /* message not NULL: it is refused */
};

/* @said: (transfer full) */
WeftServerRequest *_weft_request_new (WeftConnection *connection, WeftSaid *said, uint64_t run);
/* The answer of a client. @request: (transfer full) */
void _weft_request_answer_as (WeftServerRequest *request, const char *error_json);
/* @request: (transfer full). @fault: is cleared */
void _weft_request_refuse (WeftServerRequest *request, WeftFault *fault);

/* ---- runs (served.c) ------------------------------------------------------------------------- */

typedef struct
{
  WeftServedRun run;          /* its texts belong to it */
  WeftReported *reported;     /* (nullable): as long as it is open */
  WeftConnection *connection; /* (nullable): which reports it, as long as both are there */
  uint32_t channel;           /* there */
  bool is_told;               /* of reported ones: it appeared */
  bool is_changed;            /* since the host was told */
} WeftServed;

WeftServed *_weft_served_new (const WeftServedRun *run);
void _weft_served_free (void *served);
/* Texts that are NULL stay as they were. */
void _weft_served_set (WeftServed *served, const WeftServedRun *run);
/* As the protocol has it. */
const char *_weft_served_phase_name (WeftRunPhase phase);
void _weft_served_json (const WeftServed *served, GString *json);
/* (nullable) */
WeftServed *_weft_served_find (WeftServer *server, uint64_t id);
/* Takes it into the table. @served: (transfer full) */
void _weft_served_add (WeftServer *server, WeftServed *served);
void _weft_served_remove (WeftServer *server, uint64_t id);
/* The host and those who subscribed are told: now, or (counts only) soon, and the host alone. */
void _weft_served_tell (WeftServer *server, WeftServed *served);
void _weft_served_changed (WeftServer *server, WeftServed *served);
/* “runs”: all of them, and the connections. */
void _weft_served_list (WeftServer *server, GString *json);

/* ---- reports (report-writer.c: the thread; reports.c: the loop's side) ----------------------- */

typedef struct
{
  uint64_t n_tasks, n_done, n_running, n_failed;
  int64_t begun_wall_ns, ended_wall_ns; /* 0: not known yet */
} WeftReportCounts;

/* Shared between the loop and the writer; each holds it. */
struct _WeftReported
{
  _Atomic uint32_t refs; /* atomic: a count; release and acquire where it ends */
  /* immutable */
  uint64_t run;
  uint64_t connection;
  uint32_t channel;
  char *path;
  char *meta_json;
  WeftLinesClock clock;
  uint32_t clock_flags;
  int64_t ahead_ns; /* stamps, of CLOCK_MONOTONIC */
  bool keeps;       /* results, until their release is told */
  /* lock: writer */
  struct WeftBlock *first, *last;
  uint64_t n_bytes; /* waiting, or being worked off */
  bool is_scheduled;
  bool is_throttled; /* the loop waits for it to get shorter */
  WeftReportCounts counts;
  bool counts_posted;
  /* owner: writer's thread */
  WeftReport *report; /* (nullable) */
  WeftReportPacked packed;
  bool is_broken; /* nothing more is taken */
  GList link;     /* in one of the queues of those that wait for a time */
  GQueue *queue;  /* (nullable): which */
  int64_t due_ns;
  uint32_t n_put_off;    /* how often what waits was not written, as it was half said */
  uint64_t n_said_bytes; /* of packed events, since something was written */
  int64_t told_since_ns; /* errors: since when n_told were told */
  uint32_t n_told;
  WeftFault untold; /* message: of the first of those that were not; more: how many */
};

WeftReported *_weft_reported_ref (WeftReported *reported);
void _weft_reported_unref (WeftReported *reported);

WeftReportWriter *_weft_report_writer_new (WeftHub *hub, const WeftServerLimits *limits);
/* Works off all that waits, then ends. */
void _weft_report_writer_free (WeftReportWriter *writer);

typedef enum
{
  WEFT_BLOCK_OPEN,
  WEFT_BLOCK_EVENTS,
  WEFT_BLOCK_FINISH,
} WeftBlockKind;

/* @request: (transfer full) (nullable): answered when it is done */
void _weft_report_writer_open (WeftReportWriter *writer, WeftReported *reported,
                               WeftServerRequest *request);
/* Returns: whether more would be too much for now; _weft_reports_resume() is posted when it is
 * less */
bool _weft_report_writer_push (WeftReportWriter *writer, WeftReported *reported,
                               const WeftWireHead *head, const uint8_t *bytes, uint64_t offset);
/* @summary_json: (nullable); @request as above */
void _weft_report_writer_finish (WeftReportWriter *writer, WeftReported *reported,
                                 WeftRunPhase phase, const char *summary_json,
                                 WeftServerRequest *request);
/* _weft_reports_resume() runs, and may be posted again. */
void _weft_report_writer_was_told (WeftReportWriter *writer);
/* Whether what waits of the run, and of all, is half of what it may be, or less. */
bool _weft_report_writer_is_short (WeftReportWriter *writer, WeftReported *reported);

/* What the writer posts. */
void _weft_reports_opened (WeftReported *reported, WeftHub *hub, WeftServerRequest *request,
                           const GError *error);
void _weft_reports_finished (WeftReported *reported, WeftHub *hub, WeftServerRequest *request,
                             WeftRunPhase phase, const GError *error);
void _weft_reports_counted (WeftReported *reported, WeftHub *hub);
/* @fault: is taken over. MALFORMED ends the connection, FAILED is kept with the run */
void _weft_reports_fault (WeftReported *reported, WeftHub *hub, WeftFault *fault);
void _weft_reports_resume (WeftServer *server, void *unused);
WeftReportCounts _weft_report_writer_counts (WeftReportWriter *writer, WeftReported *reported);

/* Requests. @said: (transfer full) */
void _weft_reports_open (WeftConnection *connection, WeftSaid *said);
void _weft_reports_finish (WeftConnection *connection, WeftSaid *said);
/* The connection is over: what it reported is interrupted. */
void _weft_reports_interrupt (WeftConnection *connection);
/* WeftSessionOps.events */
bool _weft_reports_take (void *connection, const WeftWireHead *head, const uint8_t *bytes,
                         uint64_t offset);

/* ---- connections (connection.c) -------------------------------------------------------------- */

/* Why a connection is not read. */
typedef enum
{
  WEFT_PAUSED_BY_WRITER = 1 << 0,  /* its reports wait to be written */
  WEFT_PAUSED_BY_OUTPUT = 1 << 1,  /* it does not read what is sent to it */
  WEFT_PAUSED_BY_ANSWERS = 1 << 2, /* too many of its requests are not answered */
} WeftPaused;

/* Bytes that an answer announced, on their way. */
typedef struct
{
  uint32_t channel;
  GBytes *bytes;
  size_t at;
} WeftOutBytes;

struct _WeftConnection
{
  WeftServer *server;
  uint64_t id;
  GList link; /* in server->connections */
  WeftSession session;
  union
  {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tcp_t tcp;
  };
  uv_timer_t timer; /* greeting, then looking for its end, then closing */
  bool is_tcp;
  uint32_t paused; /* WeftPaused */
  bool is_reading;
  bool is_eof;     /* no more comes from it */
  bool is_ended;   /* what depended on its input has ended */
  bool is_looking; /* whether it is there still */
  bool is_gone;
  bool is_lingering;
  bool is_hung_up; /* our side is shut down */
  bool is_closing; /* its handles are being closed */
  uint32_t n_handles;
  uv_write_t write;
  GByteArray *writing; /* (nullable): in flight */
  GQueue out_bytes;    /* WeftOutBytes * */
  uint32_t n_unanswered;
  uint32_t n_interrupted; /* runs of which not all that came is looked at yet */
  GHashTable *reports;    /* channel → WeftServed * */
  uint32_t n_channels;
  bool is_subscribed;
  GHashTable *notices;  /* ids of runs that are to be told when there is room */
  GPtrArray *watchings; /* (nullable): WeftWatching * */
  guint next_watching;  /* whose turn it is */
};

typedef enum
{
  WEFT_LISTENER_UNIX,
  WEFT_LISTENER_TCP,
} WeftListenerKind;

/* Takes a connection that the listener has. */
void _weft_connection_accept (WeftServer *server, uv_stream_t *listener, WeftListenerKind kind);
/* No more is taken; what is said is sent, then it is closed. */
void _weft_connection_finish (WeftConnection *connection);
/* At once. */
void _weft_connection_close (WeftConnection *connection);
/* Sends what the session has to say, as far as it can be; reads on or not. */
void _weft_connection_pump (WeftConnection *connection);
void _weft_connection_notice (WeftConnection *connection, const WeftServed *served);
/* @bytes follow on the channel. */
void _weft_connection_send_bytes (WeftConnection *connection, uint32_t channel, GBytes *bytes);
/* (nullable) */
WeftConnection *_weft_connection_find (WeftServer *server, uint64_t id);

/* ---- watching (watch.c, watched.c; more in weft-watch-private.h) ----------------------------- */

/* Requests. @said: (transfer full) */
void _weft_watch_open (WeftConnection *connection, WeftSaid *said);
void _weft_watch_close (WeftConnection *connection, WeftSaid *said);
/* The connection is over. */
void _weft_watch_forget (WeftConnection *connection);
/* Hands over what there is for those who watch, if not too much waits to be sent already. */
void _weft_watch_fill (WeftConnection *connection);
/* The largest of those of the connection. */
void _weft_watch_lag (const WeftConnection *connection, uint64_t *n_frames, double *seconds);
/* Something is told of the run. */
void _weft_watch_run_changed (WeftServer *server, uint64_t run);

/* ---- requests (requests.c, ask-client.c) ----------------------------------------------------- */

/* WeftSessionOps */
extern const WeftSessionOps _weft_requests_ops;

/* Asks the program that reports the run. @request: (transfer full) (nullable); else @done */
void _weft_ask_client (WeftServer *server, WeftServed *served, WeftServerRequest *request,
                       WeftServerVerb verb, const char *members_json, WeftServerDone done,
                       void *data);
/* WeftSessionOps.answer */
void _weft_ask_answered (void *connection, const WeftSaid *said);
/* The run or its connection is over: nobody will answer. @served: (nullable): all */
void _weft_ask_forget (WeftServer *server, const WeftConnection *connection);

/* ---- where it listens (address.c, listen.c, token.c) ----------------------------------------- */

/**
 * WeftAddress:
 * @fd: the socket, which listens; -1: none
 * @device: with @inode which file that is
 */
typedef struct
{
  char *path;
  int fd;
  uint64_t device, inode;
} WeftAddress;

bool _weft_address_open (WeftAddress *address, const char *path, GError **error);
/* Removes the socket if it is still this one. */
void _weft_address_clear (WeftAddress *address);
/* The folder is made, or is this user's alone. */
bool _weft_address_prepare_folder (const char *folder, GError **error);
/* A new token in a new file. (transfer full) (nullable) */
char *_weft_token_new (const char *path, GError **error);

bool _weft_listen (WeftServer *server, int fd, GError **error);
bool _weft_listen_tcp (WeftServer *server, uint16_t port, GError **error);

/* ---- the server (server.c) ------------------------------------------------------------------- */

struct _WeftServer
{
  WeftHub *hub;
  pthread_t thread;
  _Atomic uint64_t next_run; /* atomic: a count */
  /* immutable once it runs */
  WeftServerLimits limits;
  WeftServerHost host;
  char *folder;
  WeftAddress address;
  char *token_path; /* (nullable) */
  char *token;      /* (nullable) */
  uint16_t tcp_port;
  char *boot_id;
  WeftReportWriter *writer;
  /* owner: loop */
  uv_loop_t loop;
  uv_async_t async;
  uv_timer_t ticker;      /* runs while something is to be told */
  uv_timer_t watch_timer; /* runs while somebody watches */
  GHashTable *watched;    /* id of a run → WeftWatched * */
  bool is_ticking;
  bool is_stopping;
  GPtrArray *listeners; /* uv_stream_t * */
  GQueue connections;
  GHashTable *connections_by_id;
  uint64_t next_connection;
  GHashTable *runs;     /* id → WeftServed * */
  GQueue runs_in_order; /* the same, oldest first */
  GHashTable *asked;    /* id → what a client was asked */
  uint64_t next_ask;
  char dropped[65536]; /* what comes from clients that are done */
};

#define WEFT_SERVER_TICK_MS 200
