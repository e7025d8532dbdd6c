/* key-split.c: the group of a key
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Follows the documented behaviour of dask.utils.key_split, so that groups have the names that
 * users of Dask know. In words:
 *
 *   1. Words are what “-” separates. The first word is taken whole; if it does not begin with a
 *      letter, only up to its first comma and without _ ' ( ) " at its ends.
 *   2. Further words are added as long as they consist of letters, except words of 8 letters that
 *      begin with one of a to f, which are taken for the beginning of a hash.
 *   3. 32 hexadecimal digits are the group “data”.
 *   4. A Python representation “<module.class object at 0x…>” is its class.
 *   5. What has no first character anywhere in these steps is the group “Other”.
 */
#include "config.h"

#include "graph/weft-graph.h"
#include "graph/weft-keys-private.h"

#include "base/weft-text-private.h"

#include <string.h>

typedef struct
{
  const char *at;
  size_t n;
} Text;

static Text
strip (Text text, const char *set)
{
  while (text.n > 0 && text.at[0] != 0 && strchr (set, text.at[0]) != NULL)
    text = (Text){ text.at + 1, text.n - 1 };
  while (text.n > 0 && text.at[text.n - 1] != 0 && strchr (set, text.at[text.n - 1]) != NULL)
    text.n--;
  return text;
}

/* Up to the first @c, or all. */
static Text
before (Text text, char c)
{
  const char *found = text.n > 0 ? memchr (text.at, c, text.n) : NULL;

  return found != NULL ? (Text){ text.at, (size_t) (found - text.at) } : text;
}

/* Whether a character, of any script, is a letter. Sets its length. */
static bool
is_letter (const char *at, size_t n_left, size_t *n)
{
  gunichar c;

  if ((uint8_t) *at < 0x80)
    {
      *n = 1;
      return g_ascii_isalpha (*at);
    }
  c = g_utf8_get_char_validated (at, (gssize) n_left);
  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      *n = 1;
      return false;
    }
  *n = (size_t) g_unichar_to_utf8 (c, NULL);
  return g_unichar_isalpha (c);
}

/* A word that belongs to the group's name. */
static bool
is_name_word (Text word)
{
  size_t n_letters = 0;
  size_t n;

  for (size_t i = 0; i < word.n; i += n, n_letters++)
    if (!is_letter (word.at + i, word.n - i, &n))
      return false;
  return n_letters > 0 && !(n_letters == 8 && word.at[0] >= 'a' && word.at[0] <= 'f');
}

static bool
is_hash (Text text)
{
  for (size_t i = 0; i < text.n; i++)
    if (!g_ascii_isdigit (text.at[i]) && (text.at[i] < 'a' || text.at[i] > 'f'))
      return false;
  return text.n == 32;
}

/* White space as Python's str.split() sees it; sets the character's length. */
static bool
is_space (const char *at, size_t n_left, size_t *n)
{
  gunichar c;

  *n = 1;
  if ((uint8_t) *at < 0x80)
    return g_ascii_isspace (*at) || *at == '\v' || (*at >= 0x1c && *at <= 0x1f);
  c = g_utf8_get_char_validated (at, (gssize) n_left);
  if (c == (gunichar) -1 || c == (gunichar) -2)
    return false;
  *n = (size_t) g_unichar_to_utf8 (c, NULL);
  return g_unichar_isspace (c) || c == 0x85;
}

/* Step 4: “<module.class object at 0x…>” → “class”. False when there is no word in it. */
static bool
class_of (Text text, Text *result)
{
  Text word = strip (text, "<>");
  size_t end = 0;
  size_t n;

  while (word.n > 0 && is_space (word.at, word.n, &n))
    word = (Text){ word.at + n, word.n - n };
  while (end < word.n && !is_space (word.at + end, word.n - end, &n))
    end += n;
  if (end == 0)
    return false;
  word.n = end;
  for (size_t i = word.n; i > 0; i--)
    if (word.at[i - 1] == '.')
      {
        word = (Text){ word.at + i, word.n - i };
        break;
      }
  *result = word;
  return true;
}

/* Step 1. */
static Text
first_word (Text key)
{
  Text word = before (key, '-');
  size_t n;

  if (word.n == 0 || is_letter (word.at, word.n, &n))
    return word;
  return strip (before (word, ','), "_'()\"");
}

/* Steps 1 and 2, into @name, which has room for the whole key. */
static Text
join_words (Text key, char *name)
{
  Text word = first_word (key);
  size_t end = before (key, '-').n;
  size_t n = word.n;

  memcpy (name, word.at, n);
  while (end < key.n)
    {
      word = before ((Text){ key.at + end + 1, key.n - end - 1 }, '-');
      if (!is_name_word (word))
        break;
      memcpy (name + n, key.at + end, 1 + word.n);
      n += 1 + word.n;
      end += 1 + word.n;
    }
  return (Text){ name, n };
}

static Text
split (Text key, char *name)
{
  static const Text data = { "data", 4 };
  static const Text other = { "Other", 5 };
  Text result;

  if (before (key, '-').n == 0)
    return other;
  result = join_words (key, name);
  if (is_hash (result))
    return data;
  if (result.n > 0 && result.at[0] != '<')
    return result;
  return class_of (result, &result) ? result : other;
}

size_t
weft_key_split (const char *key, size_t n_chars, char *group, size_t size)
{
  g_autofree char *large = NULL;
  char small[256];
  char *name = small;
  Text result;

  if (size == 0)
    return 0;
  if (n_chars > sizeof small)
    name = large = g_malloc (n_chars);
  result = split ((Text){ key, n_chars }, name);
  result.n = _weft_text_cut (result.at, result.n, size - 1);
  memcpy (group, result.at, result.n);
  group[result.n] = 0;
  return result.n;
}

char *
_weft_key_dup_group (const char *key, size_t n_chars)
{
  char *group = g_malloc (n_chars + WEFT_KEY_SPLIT_ROOM);

  weft_key_split (key, n_chars, group, n_chars + WEFT_KEY_SPLIT_ROOM);
  return group;
}

/* The number may only stand in words, or behind a comma, that are never taken. */
bool
_weft_key_group_is_fixed (const WeftKeyParts *parts)
{
  size_t n;

  if (parts->width == WEFT_KEY_PLAIN || memchr (parts->prefix, '-', parts->n_prefix) != NULL)
    return true;
  if (parts->n_prefix == 0 || is_letter (parts->prefix, parts->n_prefix, &n))
    return false;
  return memchr (parts->prefix, ',', parts->n_prefix) != NULL;
}
