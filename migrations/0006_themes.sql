-- How the pages look: as the system wants it, light or dark.

ALTER TABLE users ADD COLUMN theme text NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark'));
