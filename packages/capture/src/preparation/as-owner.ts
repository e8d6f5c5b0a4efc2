/** How a function runs that whoever fires it may not be allowed to do by himself: as the one who prepared capture. */
export const asOwner = 'language plpgsql security definer set search_path = pg_catalog, pg_temp';
