/* test-support.h: what test programs share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Everything here belongs to the thread that runs the tests.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A new folder, private to the caller. (transfer full) */
char *test_dir_new (void);
/* Removes a folder and all that is in it, frees path. Symbolic links are removed, not followed.
 * NULL is fine. */
void test_dir_free (char *path);

/* A folder that goes with the scope: g_autoptr (TestDir) dir = test_dir_new (); */
typedef char TestDir;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestDir, test_dir_free)

/* Writes text into the folder's file, returns its path. (transfer full) */
char *test_dir_write (const char *dir, const char *name, const char *text);
/* The whole of a file; the test fails if it cannot be read. (transfer full) */
char *test_file_read (const char *path);

/* The path of a file under tests/, of the source tree. (transfer full) */
char *test_source_path (const char *relative);
/* The path of one of data/examples/. (transfer full) */
char *test_example_path (const char *name);

/* Seconds of a slow test's budget: 1 under the sanitizers' slowdown would be 5 or more, so loops
 * that are bounded by a count divide it by this factor. */
unsigned test_slowdown (void);

/* Turns the main loop until the condition holds. It looks at least a hundred times a second, so
 * what it waits for need not wake the loop, and ends the test, naming the condition, if it never
 * comes. */
#define test_loop_until(condition)                           \
  G_STMT_START                                               \
  {                                                          \
    TestLoop loop_ = test_loop_begin (#condition, G_STRLOC); \
    while (!(condition))                                     \
      test_loop_turn (&loop_);                               \
    test_loop_end (&loop_);                                  \
  }                                                          \
  G_STMT_END
/* Turns it until nothing is pending, for a second at most: a window that shows what goes on always
 * has another frame to draw where the machine is too slow for it. */
void test_loop_drain (void);

typedef struct
{
  const char *what;
  const char *where;
  gint64 deadline_us;
  guint tick; /* a source that keeps the loop turning */
} TestLoop;

TestLoop test_loop_begin (const char *what, const char *where);
void test_loop_turn (TestLoop *loop);
void test_loop_end (TestLoop *loop);

/* Adds a test whose path follows the house: /weft/<module>/<unit>/<behaviour>. */
#define test_add(module, unit, behaviour, function) \
  g_test_add_func ("/weft/" module "/" unit "/" behaviour, function)

/* The error is of this domain and code and its message contains every further string (up to
 * NULL); clears it. */
void test_assert_error (GError **error, GQuark domain, int code, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
