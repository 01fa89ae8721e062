#pragma once
/* Where an avatar's model lies when it is ours. */
#define MODEL_BUCKET "aisha-v2-models"
