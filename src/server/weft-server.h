/* weft-server.h: the local socket, to which graphs and reports of runs come
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A server listens on a Unix socket that is its user's alone, speaks the protocol of
 * data/doc/protocol.md in a thread of its own, and writes the runs that are reported to it into run
 * files. Runs of the program that it lives in (its host) are added by the host, which also carries
 * out what is asked of them.
 *
 * The host's functions are called in the server's thread and must not wait: what takes long, or
 * belongs to another thread, is handed on, and its answer given later. They may call all functions
 * here but weft_server_free().
 */
#pragma once

#include "store/weft-value.h"
#include "trace/weft-record.h"

#include "base/weft-base.h"

typedef struct _WeftServer WeftServer;
typedef struct _WeftServerRequest WeftServerRequest;

#define WEFT_SERVER_ERROR (weft_server_error_quark ())
/**
 * weft_server_error_quark:
 *
 * Returns: the error domain of #WeftServerError
 */
WEFT_API GQuark weft_server_error_quark (void);

typedef enum
{
  WEFT_SERVER_ERROR_ADDRESS, /* somebody else's folder, too long, not to be made */
  WEFT_SERVER_ERROR_IN_USE,  /* another server is alive there */
  WEFT_SERVER_ERROR_SYSTEM,  /* no thread, no memory, no descriptors */
  WEFT_SERVER_ERROR_NONE,    /* of those who ask: nobody listens there */
  WEFT_SERVER_ERROR_REFUSED, /* of those who ask: what the server said */
} WeftServerError;

/* ---- what can be asked ----------------------------------------------------------------------- */

/**
 * WeftServerVerb:
 *
 * Requests that are about runs of the host, or that a reporting program carries out. What a run can
 * is a set of them: WEFT_SERVER_CAN (verb) | …
 */
typedef enum
{
  WEFT_SERVER_SUBMIT,
  WEFT_SERVER_EXTEND,
  WEFT_SERVER_START,
  WEFT_SERVER_PAUSE,
  WEFT_SERVER_RESUME,
  WEFT_SERVER_STEP,
  WEFT_SERVER_STEP_GROUP,
  WEFT_SERVER_CANCEL,
  WEFT_SERVER_BREAK,
  WEFT_SERVER_SET,
  WEFT_SERVER_RESULT,
} WeftServerVerb;

#define WEFT_SERVER_N_VERBS (WEFT_SERVER_RESULT + 1)
#define WEFT_SERVER_CAN(verb) (UINT32_C (1) << (verb))

/**
 * WeftServerRefusal:
 *
 * Why something is not done: the codes of section 5 of protocol.md.
 */
typedef enum
{
  WEFT_SERVER_REFUSE_REQUEST, /* has not what it needs, or has what is not known */
  WEFT_SERVER_REFUSE_NOT_SUPPORTED,
  WEFT_SERVER_REFUSE_NO_SUCH_RUN,
  WEFT_SERVER_REFUSE_NO_SUCH_KEY,
  WEFT_SERVER_REFUSE_NO_SUCH_CHANNEL,
  WEFT_SERVER_REFUSE_STATE, /* not possible as the run stands now */
  WEFT_SERVER_REFUSE_LIMIT,
  WEFT_SERVER_REFUSE_FAILED, /* tried, and failed */
} WeftServerRefusal;

/* ---- runs ------------------------------------------------------------------------------------ */

/**
 * WeftServedRun:
 * @id: by which requests name it; given by the server
 * @name: what it is called
 * @source: (nullable): who runs it; %NULL: "weftline"
 * @client: (nullable): name of the connection that reports it
 * @path: (nullable): its run file
 * @phase: as in the file
 * @reported: another program reports it, the server writes its file
 * @begun_wall_ns: since 1970
 * @ended_wall_ns: since 1970; 0: it goes on
 * @n_tasks: known so far
 * @n_done: of these
 * @n_running: of these
 * @n_failed: of these
 * @can: WEFT_SERVER_CAN() of the verbs that it takes
 * @trouble: (nullable): what went wrong with its file, in words
 *
 * A run as others see it. Zero-initialise and fill in what is known.
 */
typedef struct
{
  uint64_t id;
  const char *name;
  const char *source;
  const char *client;
  const char *path;
  WeftRunPhase phase;
  bool reported;
  int64_t begun_wall_ns;
  int64_t ended_wall_ns;
  uint64_t n_tasks;
  uint64_t n_done;
  uint64_t n_running;
  uint64_t n_failed;
  uint32_t can;
  const char *trouble;
  void *reserved[4]; /* NULL */
} WeftServedRun;

/* ---- host ------------------------------------------------------------------------------------ */

/**
 * WeftServerHost:
 * @data: given to the functions
 * @verbs: WEFT_SERVER_CAN() of what request() takes at all
 * @request: (nullable): somebody asks for a submission, or for something of a run that the host
 *   added. (transfer full): to be answered or refused, once, now or later. %NULL: nothing is
 *   supported
 * @run_appeared: (nullable): a program reports a run. @run is valid during the call
 * @run_changed: (nullable): its phase or counts changed; at most five times a second for each run
 * @run_gone: (nullable): it is not listed any more; its file is kept
 *
 * What the server needs of the program it lives in. All of it is called in the server's thread.
 * Runs that the host added itself are not told of.
 */
typedef struct
{
  void *data;
  uint32_t verbs;
  void (*request) (void *data, WeftServerRequest *request);
  void (*run_appeared) (void *data, const WeftServedRun *run);
  void (*run_changed) (void *data, const WeftServedRun *run);
  void (*run_gone) (void *data, uint64_t id);
  void *reserved[4]; /* NULL */
} WeftServerHost;

/* ---- server ---------------------------------------------------------------------------------- */

/**
 * WeftServerLimits:
 * @message_bytes: of a message's payload; 0: 16 MiB
 * @line_bytes: 0: 1 MiB
 * @graph_bytes: of what comes in pieces; 0: 256 MiB
 * @run_queue_bytes: waiting to be written of one run: above, its connection is not read; 0: 8 MiB
 * @queue_bytes: of all runs: above, no connection that reports is read; 0: 64 MiB
 * @out_bytes: answers and notices that a client has not read: above, it is disconnected; 0: 64 MiB
 * @open_runs: reported on one connection at once; 0: 64
 * @clients: connections at once; 0: 1024
 * @runs: known at once; the oldest that are over are forgotten; 0: 10,000
 * @greeting_ms: time to greet; 0: 10 s
 *
 * Zero-initialise; what is 0 is as said.
 */
typedef struct
{
  uint32_t message_bytes;
  uint32_t line_bytes;
  uint64_t graph_bytes;
  uint64_t run_queue_bytes;
  uint64_t queue_bytes;
  uint64_t out_bytes;
  uint32_t open_runs;
  uint32_t clients;
  uint32_t runs;
  uint32_t greeting_ms;
} WeftServerLimits;

/**
 * WeftServerOptions:
 * @address: (nullable): path of the socket, in a folder that is this user's alone (made if it is
 *   not there); %NULL: weft_server_default_address()
 * @folder: (nullable): where the files of reported runs go; %NULL: the user's cache folder,
 *   weftline/runs
 * @listen_fds: (array length=n_listen_fds) (nullable): sockets that listen already, as a service
 *   manager hands them over; owned by the server from then on. With them there is no address
 * @n_listen_fds: how many
 * @tcp: listen on the loopback interface too; who connects there needs the token
 * @tcp_port: 0: any that is free
 * @limits: see there
 * @host: (nullable): copied
 *
 * Zero-initialise and fill in what is wanted.
 */
typedef struct
{
  const char *address;
  const char *folder;
  const int *listen_fds;
  uint32_t n_listen_fds;
  bool tcp;
  uint16_t tcp_port;
  WeftServerLimits limits;
  const WeftServerHost *host;
  void *reserved[4]; /* NULL */
} WeftServerOptions;

/**
 * weft_server_default_address:
 *
 * weftline/socket in the user's runtime folder; where there is none, weftline-UID/socket in the
 * temporary folder. Any thread.
 *
 * Returns: (transfer full): a path
 */
WEFT_API char *weft_server_default_address (void);

/**
 * weft_server_raise_file_limit:
 *
 * Raises this process's soft limit of open files, mostly 1,024, to 65,536, or to the hard one: each
 * connection and each run that goes on takes one. For a program that has a server, at its start;
 * programs that it starts inherit the limit.
 */
WEFT_API void weft_server_raise_file_limit (void);

/**
 * weft_server_new:
 * @options: (nullable): %NULL is all zero
 *
 * Listens, and starts the server's thread. A socket that nobody listens at any more is replaced.
 *
 * Returns: (transfer full) (nullable): %NULL with an error of #WEFT_SERVER_ERROR
 */
WEFT_API WeftServer *weft_server_new (const WeftServerOptions *options, GError **error);

/**
 * weft_server_free:
 * @server: (nullable)
 *
 * Closes all connections, ends reported runs as interrupted once what was received is written,
 * removes the socket and waits for the threads. Not from the host's functions. Requests that are
 * not answered yet may be answered afterwards still; nobody will know.
 */
WEFT_API void weft_server_free (WeftServer *server);

/**
 * weft_server_get_address:
 *
 * Any thread.
 *
 * Returns: (nullable): the socket's path; %NULL with listen_fds
 */
WEFT_API const char *weft_server_get_address (const WeftServer *server);

/**
 * weft_server_get_tcp_port:
 *
 * Any thread.
 *
 * Returns: 0: not on TCP
 */
WEFT_API uint16_t weft_server_get_tcp_port (const WeftServer *server);

/**
 * weft_server_get_token_path:
 *
 * Any thread.
 *
 * Returns: (nullable): the file with the token for TCP
 */
WEFT_API const char *weft_server_get_token_path (const WeftServer *server);

/* ---- runs of the host ------------------------------------------------------------------------ */

/**
 * weft_server_add_run:
 * @run: copied; its id is not read
 *
 * From now on the run is listed, and what it can is asked of the host. Any thread.
 *
 * Returns: the run's id
 */
WEFT_API uint64_t weft_server_add_run (WeftServer *server, const WeftServedRun *run);

/**
 * weft_server_update_run:
 * @run: copied; its id says which
 *
 * What is known of it now, all of it. Cheap enough for a few times a second. Any thread.
 */
WEFT_API void weft_server_update_run (WeftServer *server, const WeftServedRun *run);

/**
 * weft_server_remove_run:
 * @id: of weft_server_add_run()
 *
 * It is not listed any more. Any thread.
 */
WEFT_API void weft_server_remove_run (WeftServer *server, uint64_t id);

/* ---- requests to the host -------------------------------------------------------------------- */

/**
 * weft_server_request_get_verb:
 *
 * Any thread, as the other functions on requests; one at a time.
 *
 * Returns: what is asked for
 */
WEFT_API WeftServerVerb weft_server_request_get_verb (const WeftServerRequest *request);

/**
 * weft_server_request_get_run:
 *
 * Returns: id of the run, which was there when the request came; 0: a submission
 */
WEFT_API uint64_t weft_server_request_get_run (const WeftServerRequest *request);

/**
 * weft_server_request_get_text:
 * @member: as in protocol.md: "name", "group", "key"
 *
 * Returns: (nullable): until the request is answered; %NULL: it has none
 */
WEFT_API const char *weft_server_request_get_text (const WeftServerRequest *request,
                                                   const char *member);

/**
 * weft_server_request_get_number:
 * @member: a whole number of at least 0: "workers", "memory_limit", "delay_ns"
 * @value: (out): untouched if it has none
 *
 * Returns: whether the request has it
 */
WEFT_API bool weft_server_request_get_number (const WeftServerRequest *request, const char *member,
                                              int64_t *value);

/**
 * weft_server_request_get_flag:
 * @member: "hold", "clear", "error"
 *
 * Returns: whether the request has it, and it is true
 */
WEFT_API bool weft_server_request_get_flag (const WeftServerRequest *request, const char *member);

/**
 * weft_server_request_get_json:
 * @member: any but "graph"
 *
 * Returns: (nullable): the member's value as it stood in the request, which was checked to be JSON;
 * until the request is answered
 */
WEFT_API const char *weft_server_request_get_json (const WeftServerRequest *request,
                                                   const char *member);

/**
 * weft_server_request_get_bytes:
 *
 * What was sent with it: a graph, as the member "graph" (an object of JSON, as it stood there) or
 * in pieces of which the server has gathered all.
 *
 * Returns: (transfer none) (nullable): until the request is answered
 */
WEFT_API GBytes *weft_server_request_get_bytes (const WeftServerRequest *request);

/**
 * weft_server_request_takes_bytes:
 *
 * Returns: whether its answer may have bytes; not to those who speak lines
 */
WEFT_API bool weft_server_request_takes_bytes (const WeftServerRequest *request);

/**
 * weft_server_answer:
 * @request: (transfer full)
 * @ok_json: (nullable): an object of JSON; %NULL: an empty one
 * @bytes: (nullable): follow the answer, which then gets the members "channel" and "n_bytes"
 *
 * The request is carried out.
 */
WEFT_API void weft_server_answer (WeftServerRequest *request, const char *ok_json, GBytes *bytes);

/**
 * weft_server_answer_value:
 * @request: (transfer full): a result's
 *
 * The same with a value, in the form that was asked for: JSON, or bytes as weft_value_encode()
 * makes them. Takes as long as the value is large.
 */
WEFT_API void weft_server_answer_value (WeftServerRequest *request, const WeftValue *value);

/**
 * weft_server_refuse:
 * @request: (transfer full)
 * @message: where, what, and what was expected
 * @mend: (nullable): what to do about it
 *
 * The request is not carried out.
 */
WEFT_API void weft_server_refuse (WeftServerRequest *request, WeftServerRefusal code,
                                  const char *message, const char *mend);

/* ---- requests to those who report ------------------------------------------------------------ */

/**
 * WeftServerDone:
 * @message: (nullable): why it was not done
 *
 * Called once in the server's thread.
 */
typedef void (*WeftServerDone) (void *data, const char *message);

/**
 * weft_server_ask_run:
 * @run: id of a run that is reported
 * @verb: one of those in its can
 * @members_json: (nullable): an object with further members of the request
 * @done: (nullable): when it was answered, or cannot be any more
 *
 * Asks the program that reports the run. Any thread.
 */
WEFT_API void weft_server_ask_run (WeftServer *server, uint64_t run, WeftServerVerb verb,
                                   const char *members_json, WeftServerDone done, void *data);
