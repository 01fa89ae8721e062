#pragma once
/* The two forms that make an avatar, in a house: /avatars/new and /avatars/import, for somebody who is signed in. */

int avatar_forms_open(void **state); /* for cmocka */
void avatar_forms_no_row(void);      /* the database's answer to what is waited for */
