//! The pictures of answers, and what is made of pictures. The latter come as base64 or as `data:` URLs of it, and go as
//! such URLs.

use juxta_engine::blocking;
use juxta_media::{difference, file, picture, png_text, sheet};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media::{PictureDifference, PictureFormat, PictureSheet, PictureText, SmallerPicture};
use juxta_wire::media_answer::AnsweredPicture;
use tauri::State;
use tauri::ipc::Response;

use super::media::media;
use crate::state::Shell;

#[tauri::command]
pub async fn answered_pictures(shell: State<'_, Shell>, cell: CellId) -> Result<Vec<AnsweredPicture>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.pictures(&cell)).await
}

/// One picture of an answer, as it came.
#[tauri::command]
pub async fn picture_bytes(shell: State<'_, Shell>, cell: CellId, number: u32) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.picture_bytes(&cell, number)).await.map(Response::new)
}

/// A picture whose longest edge has at most `edge` pixels. The same picture is made small once.
#[tauri::command]
pub async fn picture_thumbnail(shell: State<'_, Shell>, data: String, edge: u32) -> Result<SmallerPicture, AppError> {
    let thumbnails = shell.thumbnails();
    blocking(move || {
        let bytes = file::from_base64(&data).map_err(media)?;
        thumbnails.of(&bytes, edge).map(|small| small.url()).map_err(media)
    })
    .await
}

/// The same pixels in another format; a picture that has it already stays as it is. `quality` is 1 to 100, for JPEG.
#[tauri::command]
pub async fn convert_picture(data: String, format: PictureFormat, quality: u8) -> Result<SmallerPicture, AppError> {
    blocking(move || {
        let bytes = file::from_base64(&data).map_err(media)?;
        picture::converted(&bytes, format, quality).map(|made| made.url()).map_err(media)
    })
    .await
}

/// Where two pictures differ by more than `tolerance`, 0 to 255, in a channel.
#[tauri::command]
pub async fn picture_difference(one: String, other: String, tolerance: u8) -> Result<PictureDifference, AppError> {
    blocking(move || {
        let (one, other) = (file::from_base64(&one).map_err(media)?, file::from_base64(&other).map_err(media)?);
        let found = difference::difference(&one, &other, tolerance).map_err(media)?;
        Ok(PictureDifference {
            share: found.share,
            different: found.different,
            pixels: found.pixels,
            greatest: found.greatest,
            url: found.picture.url().url,
        })
    })
    .await
}

/// A grid of pictures as one PNG.
#[tauri::command]
pub async fn picture_sheet(sheet: PictureSheet) -> Result<SmallerPicture, AppError> {
    blocking(move || sheet::of_urls(&sheet).map(|made| made.url()).map_err(media)).await
}

/// The texts in a PNG, such as the prompt that it was drawn from.
#[tauri::command]
pub async fn picture_texts(data: String) -> Result<Vec<PictureText>, AppError> {
    blocking(move || file::from_base64(&data).and_then(|png| png_text::read(&png)).map_err(media)).await
}

/// The same PNG with texts in it; its pixels are not touched.
#[tauri::command]
pub async fn with_picture_texts(data: String, texts: Vec<PictureText>) -> Result<String, AppError> {
    blocking(move || {
        let png = file::from_base64(&data).and_then(|png| png_text::written(&png, &texts)).map_err(media)?;
        Ok(file::data_url("image/png", &png))
    })
    .await
}
