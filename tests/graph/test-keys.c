/* test-keys.c: keys as pattern and number, groups of keys, the table of keys
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Groups are compared with those of Dask's own key_split.
 */
#include "config.h"

#include "graph/weft-graph-builder.h"
#include "graph/weft-keys-private.h"
#include "test-support.h"

#include <string.h>

/* ---- pattern and number ---------------------------------------------------------------------- */

static void
assert_parts (const char *key, const char *prefix, int width, uint32_t number, const char *suffix)
{
  WeftKeyParts parts;

  _weft_key_parse (key, strlen (key), &parts);
  g_assert_cmpmem (parts.prefix, parts.n_prefix, prefix, strlen (prefix));
  g_assert_cmpmem (parts.suffix, parts.n_suffix, suffix, strlen (suffix));
  g_assert_cmpint (parts.width, ==, width);
  g_assert_cmpuint (parts.number, ==, number);
}

static void
test_parse (void)
{
  assert_parts ("inc-17", "inc-", 0, 17, "");
  assert_parts ("0", "", 0, 0, "");
  assert_parts ("('x', 0, 12)", "('x', 0, ", 0, 12, ")");
  assert_parts ("x-007", "x-", 3, 7, "");
  assert_parts ("x-00", "x-", 2, 0, "");
  assert_parts ("[('x', '3')]", "[('x', '", 0, 3, "')]");
  assert_parts ("x-999999999", "x-", 0, 999999999, "");
  assert_parts ("x-1234567890", "x-1", 9, 234567890, "");
  assert_parts ("x-9000000000", "x-9", 9, 0, "");
  assert_parts ("plain", "plain", WEFT_KEY_PLAIN, 0, "");
  assert_parts ("x)", "x)", WEFT_KEY_PLAIN, 0, "");
  assert_parts ("", "", WEFT_KEY_PLAIN, 0, "");
}

/* Characters that matter to the split more often than others. */
static char *
random_key (void)
{
  static const char *const pieces[] = { "0",
                                        "1",
                                        "9",
                                        "00",
                                        "12345",
                                        "-",
                                        "_",
                                        "(",
                                        ")",
                                        "'",
                                        "\"",
                                        ",",
                                        ", ",
                                        "<",
                                        ">",
                                        ".",
                                        " ",
                                        "a",
                                        "f",
                                        "x",
                                        "inc",
                                        "sum",
                                        "deadbeef",
                                        "compress",
                                        "abcdefgh",
                                        "é",
                                        "ß",
                                        "日本",
                                        "3f0c4e5a66b7c8d9e0f1a2b3c4d5e6f7",
                                        "\t",
                                        "²",
                                        "Ⅷ",
                                        "-ab",
                                        "-1",
                                        "('x-",
                                        "]",
                                        "}" };
  GString *key = g_string_new (NULL);

  for (int i = g_test_rand_int_range (1, 9); i > 0; i--)
    g_string_append (key, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  return g_string_free (key, FALSE);
}

static void
test_format_undoes_parse (void)
{
  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *key = random_key ();
      size_t n = strlen (key);
      WeftKeyParts parts;
      char buffer[512];

      _weft_key_parse (key, n, &parts);
      g_assert_cmpuint (_weft_key_format (&parts, buffer, sizeof buffer), ==, n);
      g_assert_cmpstr (buffer, ==, key);
      g_assert_cmpuint (_weft_key_format (&parts, buffer, n / 2 + 1), ==, n);
      g_assert_cmpmem (buffer, strlen (buffer), key, n / 2);
      g_assert_cmpuint (_weft_key_format (&parts, NULL, 0), ==, n);
    }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void
assert_group (const char *key, const char *expected)
{
  char group[64];

  g_assert_cmpuint (weft_key_split (key, strlen (key), group, sizeof group), ==, strlen (expected));
  g_assert_cmpstr (group, ==, expected);
}

/* The examples of Dask's documentation. */
static void
test_documented_groups (void)
{
  assert_group ("x", "x");
  assert_group ("x-1", "x");
  assert_group ("x-1-2-3", "x");
  assert_group ("('x-2', 1)", "x");
  assert_group ("('x', 1)", "x");
  assert_group ("('x', 0, 1)", "x");
  assert_group ("inc-1", "inc");
  assert_group ("hello-world-1", "hello-world");
  assert_group ("ae05086432ca935f6eba409a8ecd4896", "data");
  assert_group ("<module.submodule.myclass object at 0xdaf372", "myclass");
  assert_group ("x-abcdefab", "x");
  assert_group ("_(x)", "x");
  assert_group ("mean-chunk-3f0c4e5a66b7c8d9e0f1a2b3c4d5e6f7", "mean-chunk");
}

static GString *
ask_dask (GString *keys)
{
  g_autofree char *script = test_source_path ("graph/dask_key_split.py");
  g_autofree char *in_path = NULL;
  g_autofree char *out_path = NULL;
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *command = NULL;
  GString *groups;
  char *out;
  gsize n;
  int status;

  in_path = g_build_filename (dir, "keys", NULL);
  out_path = g_build_filename (dir, "groups", NULL);
  g_assert_true (g_file_set_contents (in_path, keys->str, (gssize) keys->len, &error));
  command = g_strdup_printf ("/usr/bin/python3 '%s' <'%s' >'%s'", script, in_path, out_path);
  g_assert_true (g_spawn_sync (NULL, (char *[]){ (char *) "/bin/sh", (char *) "-c", command, NULL },
                               NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error));
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_true (g_file_get_contents (out_path, &out, &n, &error));
  groups = g_string_new_len (out, (gssize) n);
  g_free (out);
  return groups;
}

static void
test_groups_are_those_of_dask (void)
{
  g_autoptr (GString) keys = g_string_new (NULL);
  const char *key;
  const char *group;
  GString *groups;
  int n = 20000;

  for (int i = 0; i < n; i++)
    {
      g_autofree char *random = random_key ();

      g_string_append_len (keys, random, (gssize) strlen (random) + 1);
    }
  groups = ask_dask (keys);
  key = keys->str;
  group = groups->str;
  for (int i = 0; i < n; i++)
    {
      char own[512];

      g_assert_cmpuint ((guint) (group - groups->str), <, groups->len);
      weft_key_split (key, strlen (key), own, sizeof own);
      if (strcmp (own, group) != 0)
        g_test_message ("key “%s”", key);
      g_assert_cmpstr (own, ==, group);
      key += strlen (key) + 1;
      group += strlen (group) + 1;
    }
  g_string_free (groups, TRUE);
}

/* Where there is less room than the name needs, it ends between two characters. */
static void
test_long_groups (void)
{
  g_autoptr (GString) key = g_string_new ("x");
  char whole[1024];
  char part[256];

  while (key->len < 700)
    g_string_append (key, "é");
  g_assert_cmpuint (weft_key_split (key->str, key->len, whole, sizeof whole), ==, key->len);
  g_assert_cmpstr (whole, ==, key->str);
  for (size_t size = 1; size <= sizeof part; size++)
    {
      size_t n = weft_key_split (key->str, key->len, part, size);

      g_assert_cmpuint (n, ==, size == 1 ? 0 : 1 + (size - 2) / 2 * 2);
      g_assert_cmpuint (part[n], ==, 0);
      g_assert_true (g_utf8_validate (part, -1, NULL));
      g_assert_true (g_str_has_prefix (whole, part));
    }
}

/* What is asked once a pattern is what would be said of each key. */
static void
test_fixed_groups (void)
{
  int n_fixed = 0;

  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *key = random_key ();
      WeftKeyParts parts;
      char group[512];
      char other[512];
      char other_key[512];
      size_t n;

      _weft_key_parse (key, strlen (key), &parts);
      if (!_weft_key_group_is_fixed (&parts))
        continue;
      n_fixed += parts.width != WEFT_KEY_PLAIN;
      parts.number = (uint32_t) g_test_rand_int_range (0, 1000);
      n = _weft_key_format (&parts, other_key, sizeof other_key);
      weft_key_split (key, strlen (key), group, sizeof group);
      weft_key_split (other_key, n, other, sizeof other);
      g_assert_cmpstr (group, ==, other);
    }
  g_assert_cmpint (n_fixed, >, 1000);
}

/* ---- the table of keys ----------------------------------------------------------------------- */

static void
test_index_finds_every_key (void)
{
  enum
  {
    N = 30000
  };
  g_autofree uint32_t *patterns = g_new (uint32_t, N);
  g_autofree uint32_t *numbers = g_new (uint32_t, N);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  WeftKeys keys = { .patterns = patterns, .numbers = numbers };
  WeftKeyIndex index = { 0 };
  uint32_t n = 0;

  while (n < N)
    {
      uint32_t pattern = (uint32_t) g_test_rand_int_range (0, 5);
      uint32_t number = pattern < 2 ? n / 2 : (uint32_t) g_test_rand_int_range (0, 40000);
      gint64 both = (gint64) pattern << 32 | number;
      uint32_t expected = n;
      uint32_t got;

      if (g_hash_table_contains (known, &both))
        expected = GPOINTER_TO_UINT (g_hash_table_lookup (known, &both));
      got = _weft_key_index_find (&index, &keys, pattern, number);
      g_assert_cmpuint (got, ==, expected == n ? WEFT_NONE : expected);
      g_assert_cmpuint (_weft_key_index_add (&index, &keys, n, pattern, number), ==, expected);
      if (expected != n)
        continue;
      patterns[n] = pattern;
      numbers[n] = number;
      g_hash_table_insert (known, g_memdup2 (&both, sizeof both), GUINT_TO_POINTER (n));
      n++;
    }
  for (uint32_t t = 0; t < N; t++)
    g_assert_cmpuint (_weft_key_index_find (&index, &keys, patterns[t], numbers[t]), ==, t);
  _weft_key_index_clear (&index);
}

/* ---- packed ---------------------------------------------------------------------------------- */

/* Fills a stretch with keys that go on in one of several ways. Returns: where it ends */
static uint32_t
fill_stretch (uint32_t *patterns, uint32_t *numbers, uint32_t first, uint32_t n_all)
{
  uint32_t n = (uint32_t) g_test_rand_int_range (1, 2000);
  uint32_t period = (uint32_t) g_test_rand_int_range (1, 6);
  uint32_t step = (uint32_t) g_test_rand_int_range (0, 4), start = (uint32_t) g_test_rand_int ();
  int way = g_test_rand_int_range (0, 5);

  n = MIN (n, n_all - first);
  for (uint32_t i = first; i < first + n; i++)
    {
      patterns[i] = period;
      numbers[i] = start + (i - first) * step; /* may come round to 0 */
      if (way == 1)
        patterns[i] = i % period;
      else if (way == 2)
        patterns[i] = i; /* keys without number */
      else if (way == 3)
        numbers[i] = start % 1000 + (uint32_t) g_test_rand_int_range (0, 40000 * (int32_t) period);
      else if (way == 4)
        numbers[i] = (uint32_t) g_test_rand_int ();
    }
  return first + n;
}

/* Packed keys are the same keys. */
static void
test_packed (void)
{
  for (unsigned round = 0; round < 40; round++)
    {
      uint32_t n = (uint32_t) g_test_rand_int_range (1, round % 2 == 0 ? 600 : 20000);
      g_autofree uint32_t *patterns = g_new (uint32_t, n);
      g_autofree uint32_t *numbers = g_new (uint32_t, n);
      g_autofree uint32_t *copies = g_new (uint32_t, 2 * n);
      uint32_t first = (uint32_t) g_test_rand_int_range (0, (int32_t) n);
      WeftKeys keys = { 0 };

      for (uint32_t at = 0; at < n;)
        at = fill_stretch (patterns, numbers, at, n);
      keys.patterns = g_memdup2 (patterns, n * sizeof *patterns);
      keys.numbers = g_memdup2 (numbers, n * sizeof *numbers);
      _weft_keys_pack (&keys, n);
      g_assert_nonnull (keys.packed);
      for (uint32_t task = 0; task < n; task++)
        {
          uint32_t pattern, number;

          _weft_keys_get (&keys, task, &pattern, &number);
          g_assert_cmpuint (pattern, ==, patterns[task]);
          g_assert_cmpuint (number, ==, numbers[task]);
        }
      _weft_keys_copy (&keys, first, n - first, copies, copies + n);
      g_assert_cmpmem (copies, (n - first) * sizeof *copies, patterns + first,
                       (n - first) * sizeof *patterns);
      g_assert_cmpmem (copies + n, (n - first) * sizeof *copies, numbers + first,
                       (n - first) * sizeof *numbers);
      _weft_keys_clear (&keys);
    }
}

static uint64_t
packed_bytes (uint32_t n, uint32_t n_patterns, uint32_t step)
{
  WeftKeys keys = { .patterns = g_new (uint32_t, n), .numbers = g_new (uint32_t, n) };
  uint64_t bytes;

  for (uint32_t i = 0; i < n; i++)
    {
      keys.patterns[i] = i % n_patterns;
      keys.numbers[i] = i / n_patterns * step;
    }
  _weft_keys_pack (&keys, n);
  bytes = _weft_keys_memory_bytes (&keys, n);
  _weft_keys_clear (&keys);
  return bytes;
}

/* Keys that are numbered through take nothing, those of patterns in turn three bytes a task. */
static void
test_packed_size (void)
{
  g_assert_cmpuint (packed_bytes (100000, 1, 1), <, 20000);
  g_assert_cmpuint (packed_bytes (100000, 1, 1000), <, 20000);
  g_assert_cmpuint (packed_bytes (100000, 3, 1), <, 340000);
  g_assert_cmpuint (packed_bytes (100000, 30, 7), <, 440000);
  g_assert_cmpuint (packed_bytes (100000, 100000, 1), <, 820000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "keys", "parse", test_parse);
  test_add ("graph", "keys", "format-undoes-parse", test_format_undoes_parse);
  test_add ("graph", "keys", "documented-groups", test_documented_groups);
  test_add ("graph", "keys", "groups-are-those-of-dask", test_groups_are_those_of_dask);
  test_add ("graph", "keys", "long-groups", test_long_groups);
  test_add ("graph", "keys", "fixed-groups", test_fixed_groups);
  test_add ("graph", "keys", "index-finds-every-key", test_index_finds_every_key);
  test_add ("graph", "keys", "packed-are-the-same", test_packed);
  test_add ("graph", "keys", "packed-are-small", test_packed_size);
  return g_test_run ();
}
