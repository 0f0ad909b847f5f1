-- A login that began on a trusted device stays one after its second step, so that it does not make another device.
ALTER TABLE mfa_challenges ADD COLUMN trusted_device boolean NOT NULL DEFAULT false;

-- Owners who end all their sessions keep their devices, which therefore follow the epoch.
GRANT UPDATE (epoch) ON trusted_devices TO identity_app;
